import { parseKeystore } from '../crypto/secret-store.ts';
import { readConfig } from './config-file.ts';
import { type ConnectionFlags, type Origin, resolveConnection } from './connection.ts';
import type { Home } from './home.ts';
import { readProject } from './project-file.ts';

/** One setting as commands would use it now. Never a secret: of a token only where it comes from. */
export interface Setting {
  readonly key: string;
  readonly value: string | number | null;
  readonly origin: Origin;
}

export interface SettingFlags extends ConnectionFlags {
  readonly timeoutMs?: number | undefined;
}

/** The keystore that new secrets go to: RIOS_KEYSTORE, else config.yaml, else `auto`. */
export async function resolveKeystore(env: NodeJS.ProcessEnv, home: Home) {
  if (env.RIOS_KEYSTORE) return { choice: parseKeystore(env.RIOS_KEYSTORE), origin: 'env' as const };
  const { keystore } = await readConfig(home.configFile);
  return { choice: keystore ?? 'auto', origin: keystore === undefined ? 'default' : 'config' } as const;
}

/** Where the token was found, as an origin. */
const TOKEN_ORIGINS = { env: 'env', login: 'config', file: 'config', none: 'default' } as const;

function projectValue(value: unknown): string | number {
  return typeof value === 'string' || typeof value === 'number' ? value : JSON.stringify(value);
}

/**
 * Every setting with its value and what decided it: flag > RIOS_* > ./rios.yaml > config.yaml > default.
 * @throws RiosError as resolveConnection does
 */
export async function listSettings(
  flags: SettingFlags,
  env: NodeJS.ProcessEnv,
  home: Home,
  projectDir: string = process.cwd(),
): Promise<Setting[]> {
  const connection = await resolveConnection(flags, env, home, projectDir);
  const keystore = await resolveKeystore(env, home);
  const rpcUrl = env.RIOS_RPC_URL || connection.rpcUrl;
  const rpcOrigin = env.RIOS_RPC_URL ? 'env' : 'config';
  const { context: _named, ...app } = await readProject(projectDir);
  const timeoutOrigin = env.RIOS_TIMEOUT === undefined ? 'flag' : 'env';
  return [
    { key: 'context', value: connection.contextName ?? null, origin: connection.contextOrigin ?? 'default' },
    { key: 'apiUrl', value: connection.apiUrl, origin: connection.apiUrlOrigin },
    { key: 'token', value: connection.tokenSource, origin: TOKEN_ORIGINS[connection.tokenSource] },
    { key: 'keystore', value: keystore.choice, origin: keystore.origin },
    { key: 'rpcUrl', value: rpcUrl ?? null, origin: rpcUrl === undefined ? 'default' : rpcOrigin },
    {
      key: 'timeoutMs',
      value: flags.timeoutMs ?? null,
      origin: flags.timeoutMs === undefined ? 'default' : timeoutOrigin,
    },
    ...Object.entries(app).map(([key, value]) => ({
      key: `app.${key}`,
      value: projectValue(value),
      origin: 'project' as const,
    })),
  ];
}
