import type { z } from 'zod';
import { RiosError } from '../errors/error.ts';
import type { SessionTokens } from '../schema/account.ts';
import {
  CLI_CLIENT_ID,
  type DeviceCode,
  deviceCodeSchema,
  oauthErrorSchema,
  type TokenAnswer,
  tokenAnswerSchema,
} from '../schema/oauth.ts';
import { errorFromAnswer, errorFromTransport } from './failure.ts';
import { SCOPES } from './route.ts';

const MAX_ANSWER_BYTES = 64 * 1024;
const DEVICE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code';

export interface OauthOptions {
  /** For example http://127.0.0.1:7070 */
  readonly apiUrl: string;
  /** Deadline of one call, 30 000 by default. */
  readonly timeoutMs?: number | undefined;
  readonly now?: () => number;
}

/** What a device is told when it asks whether it was let in. */
export type DeviceAnswer =
  | { readonly kind: 'pending' }
  | { readonly kind: 'slower' }
  | { readonly kind: 'tokens'; readonly tokens: SessionTokens };

/** The OAuth 2.0 server of an orchestrator, as `rios login` uses it. */
export interface OauthApi {
  /** Begins a login whose code a person enters elsewhere. @param name of this device, shown to that person */
  beginDevice(name: string, signal?: AbortSignal): Promise<DeviceCode>;
  /** @throws RiosError AUTH_LOGIN_FAILED when the person said no, or the code has expired */
  askDevice(deviceCode: string, signal?: AbortSignal): Promise<DeviceAnswer>;
  /** @throws RiosError AUTH_SESSION_ENDED when the token is unknown, expired or was used before */
  refresh(refreshToken: string, signal?: AbortSignal): Promise<SessionTokens>;
}

/** Speaks RFC 6749 and RFC 8628; loads got at the first call. Errors beside those named: as the client's. */
export function createOauth({ apiUrl, timeoutMs = 30_000, now = Date.now }: OauthOptions): OauthApi {
  const call = (path: string, fields: Record<string, string>, signal: AbortSignal | undefined) =>
    postForm(
      `${apiUrl.replace(/\/+$/, '')}${path}`,
      { client_id: CLI_CLIENT_ID, ...fields },
      { timeoutMs, signal },
    );
  return {
    beginDevice: async (name, signal) => {
      const fields = { scope: SCOPES.join(' '), device_name: name };
      return checked(deviceCodeSchema, await call('/oauth/device_authorization', fields, signal));
    },
    askDevice: async (deviceCode, signal) => {
      const answer = await call(
        '/oauth/token',
        { grant_type: DEVICE_GRANT, device_code: deviceCode },
        signal,
      );
      const error = refusalOf(answer);
      if (error === undefined)
        return { kind: 'tokens', tokens: toSession(checked(tokenAnswerSchema, answer), now()) };
      if (error === 'authorization_pending') return { kind: 'pending' };
      if (error === 'slow_down') return { kind: 'slower' };
      throw deviceRefused(error);
    },
    refresh: async (refreshToken, signal) => {
      const fields = { grant_type: 'refresh_token', refresh_token: refreshToken };
      const answer = await call('/oauth/token', fields, signal);
      if (refusalOf(answer) === 'invalid_grant') {
        throw new RiosError('AUTH_SESSION_ENDED', 'the session has ended');
      }
      return toSession(checked(tokenAnswerSchema, answer), now());
    },
  };
}

interface Answer {
  readonly status: number;
  readonly bytes: Uint8Array;
}

/** One call: answers of status 200 and 400 are given back, all others are errors. */
async function postForm(
  url: string,
  fields: Record<string, string>,
  { timeoutMs, signal }: { timeoutMs: number; signal: AbortSignal | undefined },
): Promise<Answer> {
  const { default: got } = await import('got');
  const sent = got.stream.post(url, {
    form: fields,
    headers: { 'user-agent': 'rios-sdk', accept: 'application/json' },
    throwHttpErrors: false,
    followRedirect: false,
    decompress: false,
    retry: { limit: 0 },
    timeout: { request: timeoutMs },
    ...(signal === undefined ? {} : { signal }),
  });
  try {
    const parts: Uint8Array[] = [];
    let size = 0;
    for await (const part of sent as AsyncIterable<Uint8Array>) {
      size += part.byteLength;
      if (size > MAX_ANSWER_BYTES) throw new RiosError('API_REMOTE', 'the answer is too large');
      parts.push(part);
    }
    const answer = { status: sent.response?.statusCode ?? 0, bytes: Buffer.concat(parts) };
    if (answer.status === 200 || answer.status === 400) return answer;
    throw failureOf(answer);
  } catch (error) {
    throw errorFromTransport(error, new URL(url).origin, signal);
  }
}

/** Away for a while, by the standard's name for it; else an error of the gateway. */
function failureOf({ status, bytes }: Answer): RiosError {
  const away = oauthErrorSchema.safeParse(parse(bytes)).data?.error === 'temporarily_unavailable';
  if (!away) return errorFromAnswer(status, bytes, undefined);
  return new RiosError('SERVICE_UNAVAILABLE', 'the orchestrator cannot answer now');
}

/** The error by the standard, if it is one. @throws RiosError for an error of another form */
function refusalOf({ status, bytes }: Answer): string | undefined {
  if (status === 200) return undefined;
  const refusal = oauthErrorSchema.safeParse(parse(bytes));
  if (refusal.success) return refusal.data.error;
  throw errorFromAnswer(status, bytes, undefined);
}

function checked<T>(schema: z.ZodType<T>, answer: Answer): T {
  const refusal = refusalOf(answer);
  const parsed = schema.safeParse(parse(answer.bytes));
  if (refusal === undefined && parsed.success) return parsed.data;
  throw new RiosError('API_REMOTE', refusal ?? 'the answer has a wrong form', {
    hint: 'Check that rios and the orchestrator have the same version: rios version.',
  });
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return undefined;
  }
}

function toSession(answer: TokenAnswer, now: number): SessionTokens {
  const { session_id: sessionId, refresh_token: refreshToken } = answer;
  if (sessionId === undefined || refreshToken === undefined) {
    throw new RiosError('API_REMOTE', 'the answer has no session');
  }
  return {
    sessionId,
    accessToken: answer.access_token,
    accessExpiresAt: now + answer.expires_in * 1000,
    refreshToken,
    refreshExpiresAt: now + (answer.refresh_expires_in ?? answer.expires_in) * 1000,
  };
}

function deviceRefused(error: string): RiosError {
  const why =
    error === 'access_denied'
      ? 'the login was refused'
      : error === 'expired_token'
        ? 'nobody entered the code in time'
        : `the login has ended (${error})`;
  return new RiosError('AUTH_LOGIN_FAILED', why, { hint: 'Begin again: rios login.' });
}
