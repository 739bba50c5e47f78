import { parseArgs } from 'node:util';
import { RiosError } from '@rios/sdk/errors/error';
import type { Config } from '../config.ts';
import { readConfig } from '../config.ts';

/** What the commands of an operator beside `start` work on. */
export type Premises = Pick<Config, 'dataDir' | 'engines' | 'masterKeyFile' | 'masterKey'>;

type Flags = Record<string, { readonly type: 'string' | 'boolean' }>;
type Values<F extends Flags> = {
  readonly [Name in keyof F]?: F[Name]['type'] extends 'string' ? string : boolean;
};

const PREMISES = ['data-dir', 'master-key'] as const;

/**
 * Splits the arguments of a command into its own flags and those that `start` has too, which are read as `start`
 * reads them. @throws RiosError USER_UNKNOWN_FLAG, USER_INVALID_REQUEST
 */
export function readOptions<F extends Flags>(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  flags: F,
): { readonly premises: Premises; readonly values: Values<F> } {
  const values = parseFlags(args, {
    ...flags,
    'data-dir': { type: 'string' },
    'master-key': { type: 'string' },
  });
  const shared = PREMISES.flatMap((name) => {
    const value = values[name];
    return typeof value === 'string' ? [`--${name}=${value}`] : [];
  });
  return { premises: readConfig(shared, env), values: values as Values<F> };
}

function parseFlags(args: readonly string[], options: Flags): Record<string, unknown> {
  try {
    return parseArgs({ args: [...args], options, strict: true }).values;
  } catch (cause) {
    throw new RiosError('USER_UNKNOWN_FLAG', cause instanceof Error ? cause.message : String(cause), {
      cause,
    });
  }
}
