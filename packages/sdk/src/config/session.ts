import { z } from 'zod';
import type { Clock } from '../clock.ts';
import type { SecretStore } from '../crypto/secret-store.ts';
import { RiosError, toRiosError } from '../errors/error.ts';
import { type SessionTokens, secretTextSchema, sessionTokensSchema } from '../schema/account.ts';
import { withLock } from './with-lock.ts';

/** How long before its end an access token is renewed. */
const MARGIN_MS = 30_000;
const LOCK_TIMEOUT_MS = 60_000;

export interface SessionOptions {
  /** Scheme, host and port that the tokens belong to: their name in the store. */
  readonly origin: string;
  /** Opened when first needed. */
  readonly openStore: () => Promise<SecretStore>;
  /** Asks the server for a new pair; the old refresh token is spent by it. */
  readonly refresh: (refreshToken: string) => Promise<SessionTokens>;
  /** Where processes of this user take turns, so that none sends a refresh token that another has spent. */
  readonly lockDir: string;
  readonly clock: Pick<Clock, 'now'>;
}

/** The tokens of one login. */
export interface Session {
  /**
   * A valid access token, renewed without a word when it is about to end. `rejected` is one that the server has
   * just refused: another is found, or the session is over.
   * @throws RiosError AUTH_REQUIRED when the login has ended, AUTH_KEYSTORE_LOCKED, API_*
   */
  token(rejected?: string): Promise<string>;
}

/** Refresh tokens of the OAuth 2.0 server have another form than those of a login by password. */
const oauthRefreshSchema = z.string().regex(/^[A-Za-z0-9_-]{43}$/);
const storedSchema = sessionTokensSchema.extend({ refreshToken: secretTextSchema.or(oauthRefreshSchema) });

/** True for a refresh token that the OAuth 2.0 server gave (the device flow), and takes. */
export const isOauthRefresh = (refreshToken: string): boolean =>
  oauthRefreshSchema.safeParse(refreshToken).success;

function parseStored(text: string): SessionTokens | undefined {
  try {
    return storedSchema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/** Reads the tokens of an origin; what cannot be read is no login. */
export async function readSession(store: SecretStore, origin: string): Promise<SessionTokens | undefined> {
  const text = await store.get(origin);
  return text === undefined ? undefined : parseStored(text);
}

/** Keeps the tokens of an origin. */
export async function writeSession(store: SecretStore, origin: string, tokens: SessionTokens): Promise<void> {
  await store.set(origin, JSON.stringify(tokens));
}

function ended(origin: string, why: string, cause?: unknown): RiosError {
  return new RiosError('AUTH_REQUIRED', `the login at ${origin} has ended: ${why}`, {
    hint: 'Log in again: rios login.',
    cause,
  });
}

/** Creates the session of an origin; nothing is read before the first token is asked for. */
export function createSession(options: SessionOptions): Session {
  const { origin, clock } = options;
  let current: SessionTokens | undefined;
  let renewing: Promise<string> | undefined;

  const isFresh = (tokens: SessionTokens, rejected: string | undefined) =>
    tokens.accessToken !== rejected && tokens.accessExpiresAt - clock.now() > MARGIN_MS;

  async function renew(store: SecretStore, spent: SessionTokens): Promise<SessionTokens> {
    if (spent.refreshExpiresAt <= clock.now()) {
      await store.delete(origin);
      throw ended(origin, 'it was not used for too long');
    }
    try {
      return await options.refresh(spent.refreshToken);
    } catch (error) {
      const known = toRiosError(error);
      if (known.status !== 401 && known.status !== 403) throw known;
      await store.delete(origin);
      throw ended(origin, known.message, known);
    }
  }

  async function load(rejected: string | undefined): Promise<string> {
    const store = await options.openStore();
    return withLock(
      options.lockDir,
      'session',
      async () => {
        const stored = await readSession(store, origin);
        if (stored === undefined) throw ended(origin, 'its tokens are not stored any more');
        if (!isFresh(stored, rejected)) {
          current = await renew(store, stored);
          await writeSession(store, origin, current);
        } else current = stored;
        return current.accessToken;
      },
      LOCK_TIMEOUT_MS,
    );
  }

  return {
    async token(rejected) {
      if (current !== undefined && isFresh(current, rejected)) return current.accessToken;
      renewing ??= load(rejected).finally(() => {
        renewing = undefined;
      });
      return renewing;
    },
  };
}
