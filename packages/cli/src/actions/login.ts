import { hostname, userInfo } from 'node:os';
import { dirname } from 'node:path';
import { createClient } from '@rios/sdk/api/client';
import { updateConfig } from '@rios/sdk/config/config-file';
import { originOf, resolveConnection } from '@rios/sdk/config/connection';
import { resolveHome } from '@rios/sdk/config/home';
import { readSession, writeSession } from '@rios/sdk/config/session';
import { resolveKeystore } from '@rios/sdk/config/settings';
import { withLock } from '@rios/sdk/config/with-lock';
import { hasCode, RiosError } from '@rios/sdk/errors/error';
import type { SessionTokens } from '@rios/sdk/schema/account';
import type { LoginReport, LogoutReport } from '@rios/sdk/schema/cli-results';
import type { Target } from './connect.ts';
import { openSecrets } from './secrets.ts';

/** Who signs in; each is asked for only when it is needed. */
export interface Credentials {
  readonly email: () => Promise<string>;
  readonly password: () => Promise<string>;
  /** Second factor: an authenticator's code, or a recovery code. */
  readonly code: () => Promise<string>;
  /** Given beforehand, so that the server need not ask for it. */
  readonly firstCode?: string | undefined;
}

/** Whoever signed in, and the tokens of it. */
export interface SignedIn {
  readonly account: string;
  readonly tokens: SessionTokens;
}

export interface LoginOptions extends Target {
  /** How one signs in at an address: by password here, by a code in device-login.ts. */
  readonly signIn: (apiUrl: string) => Promise<SignedIn>;
}

/** A password goes to this machine, or by TLS. Throws USER_INVALID_REQUEST. */
export function checkLoginAddress(apiUrl: string): void {
  const { protocol, hostname: host } = new URL(apiUrl);
  const isLoopback = host === 'localhost' || host === '[::1]' || /^127(\.\d{1,3}){3}$/.test(host);
  if (protocol === 'https:' || isLoopback) return;
  throw new RiosError('USER_INVALID_REQUEST', `${apiUrl} is not encrypted: a password would be readable`, {
    hint: 'Use its https:// address.',
  });
}

/** How the session is called in the list of sessions. */
export function clientName(): string {
  const text = `rios of ${userInfo().username} on ${hostname()}`;
  return text.replaceAll(/[^\x20-\x7e]/g, '').slice(0, 80);
}

/** Signs in by address, password and, where one is needed, the second factor. */
export const passwordSignIn =
  (options: {
    readonly credentials: Credentials;
    readonly timeoutMs?: number | undefined;
    readonly signal: AbortSignal;
  }): LoginOptions['signIn'] =>
  async (apiUrl) => {
    const { credentials, signal, timeoutMs } = options;
    const client = createClient({ apiUrl, timeoutMs });
    const email = await credentials.email();
    const password = await credentials.password();
    const attempt = (code: string | undefined) =>
      client.login({
        body: { email, password, client: clientName(), ...(code === undefined ? {} : { code }) },
        signal,
      });
    const tokens = await attempt(credentials.firstCode).catch(async (error: unknown) => {
      if (!hasCode(error, 'AUTH_SECOND_FACTOR') || credentials.firstCode !== undefined) throw error;
      return attempt(await credentials.code());
    });
    return { account: email, tokens };
  };

/**
 * Signs in where flags, environment, ./rios.yaml and config.yaml point; the tokens go to the secret store, under
 * the origin, and config.yaml notes only that they are there.
 * @throws RiosError AUTH_* of the server, USER_INPUT_NEEDED, USER_INVALID_REQUEST (no TLS), RUNTIME_KEYCHAIN
 */
export async function login(options: LoginOptions): Promise<LoginReport> {
  const home = resolveHome();
  const { apiUrl } = await resolveConnection(options, process.env, home);
  checkLoginAddress(apiUrl);
  const origin = originOf(apiUrl);
  const { choice } = await resolveKeystore(process.env, home);
  // opened first: a login whose tokens could not be kept would be lost
  const store = await openSecrets({ ...options, home, choice });
  const { account, tokens } = await options.signIn(apiUrl);
  await withLock(dirname(home.secretsFile), 'session', () => writeSession(store, origin, tokens));
  const record = { account, keystore: store.kind };
  await updateConfig(home.configFile, [{ path: ['logins', origin], value: record }]);
  const { sessionId, accessExpiresAt, refreshExpiresAt } = tokens;
  return { sessionId, apiUrl, ...record, accessExpiresAt, refreshExpiresAt };
}

/** Ends the session at the server; false when it could not be asked, which leaves it to expire there. */
async function endSession(options: Target & { readonly signal: AbortSignal }): Promise<boolean> {
  const { connect } = await import('./connect.ts');
  try {
    const client = await connect({ ...options, ignoreEnvToken: true });
    await client.logout({ signal: options.signal });
    return true;
  } catch (error) {
    options.signal.throwIfAborted();
    if (hasCode(error)) return false;
    throw error;
  }
}

/**
 * Signs out: the server ends the session, the tokens leave the store, whatever the server said.
 * @throws RiosError NOT_FOUND when nobody is signed in there, AUTH_KEYSTORE_LOCKED
 */
export async function logout(options: Target & { readonly signal: AbortSignal }): Promise<LogoutReport> {
  const home = resolveHome();
  const { apiUrl, login: record } = await resolveConnection(options, process.env, home);
  if (record === undefined) {
    throw new RiosError('NOT_FOUND', `nobody is signed in at ${originOf(apiUrl)}`, {
      hint: 'See rios whoami.',
    });
  }
  const origin = originOf(apiUrl);
  const store = await openSecrets({ ...options, home, choice: record.keystore });
  const stored = await readSession(store, origin);
  const revoked = stored !== undefined && (await endSession(options));
  await store.delete(origin);
  await updateConfig(home.configFile, [{ path: ['logins', origin], value: undefined }]);
  return { apiUrl, account: record.account, revoked };
}
