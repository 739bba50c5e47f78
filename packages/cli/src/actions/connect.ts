import { dirname } from 'node:path';
import { type Client, createClient } from '@rios/sdk/api/client';
import type { TokenSource } from '@rios/sdk/api/transport';
import { type Connection, originOf, resolveConnection } from '@rios/sdk/config/connection';
import { type Home, resolveHome } from '@rios/sdk/config/home';

/** Which orchestrator, and how the stored secrets are opened. */
export interface Target {
  readonly apiUrl?: string | undefined;
  readonly context?: string | undefined;
  readonly passwordFile?: string | undefined;
  readonly quiet: boolean;
  /** Whose rios.yaml may name the context; the working directory by default. */
  readonly projectDir?: string | undefined;
  /** The login is meant, even where RIOS_API_TOKEN is set. */
  readonly ignoreEnvToken?: boolean;
}

/** The tokens of a login, read from the secret store at the first call and renewed there. */
async function loginTokens(connection: Connection, target: Target, home: Home): Promise<TokenSource> {
  const { createSession, isOauthRefresh } = await import('@rios/sdk/config/session');
  const { createOauth } = await import('@rios/sdk/api/oauth');
  const { systemClock } = await import('@rios/sdk/clock');
  const { openSecrets } = await import('./secrets.ts');
  const choice = connection.login?.keystore ?? 'auto';
  const bare = createClient({ apiUrl: connection.apiUrl });
  const session = createSession({
    origin: originOf(connection.apiUrl),
    openStore: () => openSecrets({ ...target, home, choice }),
    refresh: (refreshToken) =>
      isOauthRefresh(refreshToken)
        ? createOauth({ apiUrl: connection.apiUrl }).refresh(refreshToken)
        : bare.refreshSession({ body: { refreshToken } }),
    lockDir: dirname(home.secretsFile),
    clock: systemClock,
  });
  return (rejected) => session.token(rejected);
}

/** What is needed to call: the address, and the token that belongs to it. */
export interface Reached {
  readonly connection: Connection;
  readonly token: string | TokenSource | undefined;
}

/** Finds the orchestrator that flags, environment, ./rios.yaml and config.yaml name, in that order. */
export async function reach(target: Target): Promise<Reached> {
  const home = resolveHome();
  const env = target.ignoreEnvToken === true ? { ...process.env, RIOS_API_TOKEN: '' } : process.env;
  const connection = await resolveConnection(target, env, home, target.projectDir);
  const token =
    connection.tokenSource === 'login' ? await loginTokens(connection, target, home) : connection.token;
  return { connection, token };
}

/** A client for what was found. */
export function clientOf({ connection, token }: Reached, timeoutMs?: number | undefined): Client {
  return createClient({ apiUrl: connection.apiUrl, token, timeoutMs });
}

/** Finds it, and makes a client for it. */
export async function connect(
  options: Target & { readonly timeoutMs?: number | undefined },
): Promise<Client> {
  return clientOf(await reach(options), options.timeoutMs);
}
