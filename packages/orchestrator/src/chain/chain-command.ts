import { randomBytes } from 'node:crypto';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { systemClock } from '@rios/sdk/clock';
import { resolveHome } from '@rios/sdk/config/home';
import { RiosError } from '@rios/sdk/errors/error';
import { createLog } from '@rios/sdk/log';
import { z } from 'zod';
import { type DevChainProcessOptions, type RunningDevChain, startDevChain } from './start-dev-chain.ts';

export const CHAIN_USAGE = `usage: rios-orchestrator chain [options]

Runs a chain for development: this machine alone reaches it, its coin and its ROS are worth nothing, and its time can
be moved on. It keeps every block; the contracts of RiOS are deployed at the first start.

  --data-dir <dir>     chain.journal (the blocks), chain.mnemonic (its accounts), chain.json (the chain file)
                       (default: chain in the directory of rios dev)
  --port <port>        port of the JSON-RPC on 127.0.0.1; 0 = any free one (default 0)
  --store-id <id>      storeId of the orchestrator whose database follows the chain; the same at each start
  --log-level <level>  debug, info, warn, error or silent (default info)
`;

const FLAGS = {
  'data-dir': { type: 'string' },
  port: { type: 'string' },
  'store-id': { type: 'string' },
  'log-level': { type: 'string' },
} as const;

const optionsSchema = z.object({
  'data-dir': z.string().min(1),
  port: z
    .string()
    .regex(/^\d{1,5}$/)
    .transform(Number)
    .pipe(z.int().max(65_535)),
  'store-id': z.string().regex(/^([a-z]{2,8}_[0-9a-z]{10,64})?$/),
  'log-level': z.enum(['debug', 'info', 'warn', 'error', 'silent']),
});
type Options = DevChainProcessOptions & { readonly logLevel: z.infer<typeof optionsSchema>['log-level'] };

/** @throws RiosError USER_UNKNOWN_FLAG, USER_INVALID_REQUEST */
export function readChainOptions(args: readonly string[], env: NodeJS.ProcessEnv): Options {
  const parsed = optionsSchema.safeParse({
    'data-dir': resolve(resolveHome(env).devDir, 'chain'),
    port: '0',
    'store-id': '',
    'log-level': 'info',
    ...parseFlags(args),
  });
  if (parsed.success) {
    const { 'data-dir': dataDir, port, 'store-id': storeId, 'log-level': logLevel } = parsed.data;
    return { dataDir: resolve(dataDir), port, storeId, logLevel };
  }
  const issue = parsed.error.issues[0];
  const flag = String(issue?.path[0]);
  throw new RiosError('USER_INVALID_REQUEST', `--${flag}: ${issue?.message}`, {
    hint: 'See rios-orchestrator chain --help.',
    details: { flag },
  });
}

function parseFlags(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: FLAGS, strict: true }).values;
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new RiosError('USER_UNKNOWN_FLAG', message, { cause });
  }
}

/**
 * The command `chain`: prints `ready`, and runs until `signalled` resolves.
 * @throws RiosError as startDevChain does, and when the chain cannot go on
 */
export async function chainCommand(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  { print, signalled }: { print: (event: object) => void; signalled: Promise<unknown> },
): Promise<void> {
  const { logLevel, ...options } = readChainOptions(args, env);
  const log = await createLog('orchestrator', logLevel);
  const chain = await startDevChain(options, { clock: systemClock, log, random: randomBytes });
  try {
    print({ event: 'ready', ...chain.ready });
    await untilOver(chain, signalled);
  } finally {
    await chain.stop();
  }
}

async function untilOver({ failed }: RunningDevChain, signalled: Promise<unknown>): Promise<void> {
  const failure = failed.then((error): never => {
    throw error;
  });
  await Promise.race([signalled, failure]);
}
