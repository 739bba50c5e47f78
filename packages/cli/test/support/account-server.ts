import { createHash } from 'node:crypto';
import type { SessionTokens, Whoami } from '@rios/sdk/schema/account';
import { type Answers, type ApiServer, sendError, sendJson, startApiServer } from './api-server.ts';

export const EMAIL = 'ada@rios.test';
export const PASSWORD = 'a long enough password';
export const CODE = '123456';

/** A server with one account: logins, rotating refresh tokens that end the session when one comes twice. */
export interface AccountServer extends ApiServer {
  /** How long the access tokens from now on are good for. */
  accessMs: number;
  needsCode: boolean;
  /** Access tokens that are refused though their time is not over. */
  readonly refused: Set<string>;
  /** Spends the newest refresh token, as a thief would. */
  steal(): void;
  /** Names and tokens of the calls so far. */
  seen(): [string, string | undefined][];
}

export function whoamiView(fields: Partial<Whoami> = {}): Whoami {
  return {
    accountId: 'acc_0123456789',
    name: EMAIL,
    email: EMAIL,
    displayName: 'Ada',
    role: 'developer',
    scopes: ['inference', 'account'],
    tokenKind: 'session',
    totp: false,
    orgs: [{ name: 'lab', role: 'admin' }],
    ...fields,
  };
}

const secret = (prefix: string, count: number) =>
  `${prefix}_${createHash('sha256').update(`${prefix}${count}`).digest('base64url').slice(0, 43)}`;

/** Starts it; `answers` are for other routes. */
export async function startAccountServer(answers: Answers = {}): Promise<AccountServer> {
  let count = 0;
  let live: SessionTokens | undefined;
  const state = { accessMs: 900_000, needsCode: false, refused: new Set<string>() };

  function issue(): SessionTokens {
    count++;
    const now = Date.now();
    live = {
      sessionId: 'ses_0123456789',
      accessToken: `access-${count}`,
      accessExpiresAt: now + state.accessMs,
      refreshToken: secret('riosr', count),
      refreshExpiresAt: now + 86_400_000,
    };
    return live;
  }

  const bearer = (header: string | undefined) => header?.replace(/^Bearer /, '');
  const isLive = (header: string | undefined) => {
    const token = bearer(header);
    return token !== undefined && token === live?.accessToken && !state.refused.has(token);
  };

  const server = await startApiServer({
    login: ({ body }, response) => {
      const { email, password, code } = JSON.parse(body.toString('utf8')) as Record<string, string>;
      if (email !== EMAIL || password !== PASSWORD) return sendError(response, 401, 'AUTH_LOGIN_FAILED');
      if (state.needsCode && code !== CODE) return sendError(response, 401, 'AUTH_SECOND_FACTOR');
      sendJson(response, issue());
    },
    refreshSession: ({ body }, response) => {
      const { refreshToken } = JSON.parse(body.toString('utf8')) as { refreshToken: string };
      if (refreshToken === live?.refreshToken) return sendJson(response, issue());
      live = undefined;
      sendError(response, 401, 'AUTH_SESSION_ENDED', 'the refresh token was used before');
    },
    whoami: ({ headers }, response) => {
      if (isLive(headers.authorization)) sendJson(response, whoamiView());
      else sendError(response, 401, 'AUTH_REQUIRED');
    },
    logout: ({ headers }, response) => {
      if (!isLive(headers.authorization)) return sendError(response, 401, 'AUTH_REQUIRED');
      live = undefined;
      sendJson(response, { ok: true });
    },
    ...answers,
  });
  return Object.assign(state, server, {
    steal: () => void issue(),
    seen: () =>
      server.calls.map(({ route, headers }): [string, string | undefined] => [
        route,
        bearer(headers.authorization),
      ]),
  });
}
