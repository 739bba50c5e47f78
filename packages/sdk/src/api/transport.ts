import { RiosError } from '../errors/error.ts';
import { errorFromAnswer, errorFromTransport } from './failure.ts';
import type { CallFields } from './request.ts';
import type { AnyRoute } from './route.ts';

/** No JSON answer is read further than this. */
const MAX_JSON_BYTES = 256 * 1024 * 1024;
const MAX_ERROR_BYTES = 64 * 1024;
const RETRIES = 2;
/** A server that asks for patience is given this much of it, one call after the other. */
const MAX_WAITS = 10;
const MAX_WAIT_MS = 60_000;

export interface TransportCall extends CallFields {
  readonly route: AnyRoute;
  readonly signal?: AbortSignal | undefined;
  readonly timeoutMs?: number | undefined;
  readonly range?: { readonly from: number; readonly to: number } | undefined;
  readonly idempotencyKey?: string | undefined;
}

/** Gives the token of a call; `rejected` is the one that the server has just refused, to be replaced. */
export type TokenSource = (rejected?: string) => Promise<string | undefined>;

export interface TransportOptions {
  readonly apiUrl: string;
  readonly token: string | TokenSource | undefined;
  readonly timeoutMs: number;
  readonly build: (call: TransportCall) => {
    readonly url: string;
    readonly body: { readonly bytes: Uint8Array; readonly contentType: string } | undefined;
  };
}

/** An answer whose bytes are still coming. Leave the loop early and the connection closes. */
export interface OpenAnswer {
  readonly bytes: AsyncIterable<Uint8Array>;
  readonly requestId: string | undefined;
}

/** HTTP below the client: got (loaded at the first call), deadlines, retries where they are safe, typed failures. */
export interface Transport {
  /** The whole body, within the deadline. */
  fetch(call: TransportCall): Promise<Uint8Array>;
  /** The body as a stream; the deadline holds for the first byte and for each pause. */
  open(call: TransportCall): Promise<OpenAnswer>;
}

function headersOf(token: string | undefined, call: TransportCall, contentType: string | undefined) {
  return {
    'user-agent': 'rios-sdk',
    accept:
      call.route.answerKind === 'bytes' ? 'application/octet-stream' : 'application/json, text/event-stream',
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    ...(contentType === undefined ? {} : { 'content-type': contentType }),
    ...(call.idempotencyKey === undefined ? {} : { 'idempotency-key': call.idempotencyKey }),
    ...(call.range === undefined ? {} : { range: `bytes=${call.range.from}-${call.range.to - 1}` }),
  };
}

/** Settings of one request. */
function requestOf(options: TransportOptions, call: TransportCall, token: string | undefined) {
  const { url, body } = options.build(call);
  return {
    url,
    settings: {
      method: call.route.method,
      headers: headersOf(token, call, body?.contentType),
      // without a body got would wait for one to be written, except for GET
      ...(call.route.method === 'GET' ? {} : { body: body?.bytes ?? '' }),
      ...(call.signal === undefined ? {} : { signal: call.signal }),
      throwHttpErrors: false,
      followRedirect: false,
      decompress: false,
    } as const,
  };
}

async function readAll(bytes: AsyncIterable<Uint8Array>, maxBytes: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of bytes) {
    size += part.length;
    if (size > maxBytes) throw new RiosError('API_REMOTE', `the answer is larger than ${maxBytes} bytes`);
    parts.push(part);
  }
  return Buffer.concat(parts);
}

function firstHeader(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}

async function* typedErrors(
  bytes: AsyncIterable<Uint8Array>,
  options: TransportOptions,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  try {
    yield* bytes;
  } catch (error) {
    throw errorFromTransport(error, options.apiUrl, signal);
  }
}

interface GotResponse {
  readonly statusCode: number;
  readonly headers: Record<string, string | string[] | undefined>;
}

async function openWith(
  token: string | undefined,
  options: TransportOptions,
  call: TransportCall,
  whole: boolean,
): Promise<OpenAnswer> {
  const { default: got } = await import('got');
  const { url, settings } = requestOf(options, call, token);
  const timeoutMs = call.timeoutMs ?? options.timeoutMs;
  const timeout = whole ? { request: timeoutMs } : { response: timeoutMs, socket: timeoutMs };
  const stream = got.stream(url, { ...settings, retry: { limit: 0 }, timeout });
  // an error between the head and the first read must not go unheard: reading rejects with it
  stream.on('error', () => {});
  const response = await new Promise<GotResponse>((resolve, reject) => {
    stream.once('response', resolve);
    stream.once('error', reject);
  }).catch((error: unknown) => {
    throw errorFromTransport(error, options.apiUrl, call.signal);
  });
  const requestId = firstHeader(response.headers['x-request-id']);
  const bytes = typedErrors(stream, options, call.signal);
  if (response.statusCode >= 200 && response.statusCode < 300) {
    return { bytes, requestId };
  }
  const error = errorFromAnswer(response.statusCode, await readAll(bytes, MAX_ERROR_BYTES), requestId);
  const seconds = Number(firstHeader(response.headers['retry-after']) ?? Number.NaN);
  if (response.statusCode === 429 && seconds >= 0) retryAfterMs.set(error, seconds * 1000);
  throw error;
}

/** Sends the call with its token; one that the server refuses (401, so nothing was done) is replaced once. */
async function openOnce(options: TransportOptions, call: TransportCall, whole: boolean): Promise<OpenAnswer> {
  if (typeof options.token !== 'function') return openWith(options.token, options, call, whole);
  const token = await options.token();
  try {
    return await openWith(token, options, call, whole);
  } catch (error) {
    if (token === undefined || !(error instanceof RiosError) || error.status !== 401) throw error;
    const renewed = await options.token(token);
    if (renewed === undefined || renewed === token) throw error;
    return openWith(renewed, options, call, whole);
  }
}

/** How long the server asked to wait before the next try. */
const retryAfterMs = new WeakMap<RiosError, number>();

/** Calls that do the same when made twice. */
function isIdempotent({ route, idempotencyKey }: TransportCall): boolean {
  return route.method !== 'POST' || idempotencyKey !== undefined;
}

/** What to wait before trying again, undefined when the failure is final. */
function waitBefore(error: unknown, call: TransportCall, tries: number): number | undefined {
  if (!(error instanceof RiosError) || call.signal?.aborted === true) return undefined;
  const asked = retryAfterMs.get(error);
  if (asked !== undefined) {
    return tries < MAX_WAITS && asked <= MAX_WAIT_MS && isIdempotent(call) ? asked : undefined;
  }
  return tries < RETRIES && worthRetrying(error, call) ? 100 * 2 ** tries : undefined;
}

async function wait(ms: number, signal: AbortSignal | undefined, apiUrl: string): Promise<void> {
  const { setTimeout: sleep } = await import('node:timers/promises');
  await sleep(ms, undefined, signal === undefined ? {} : { signal }).catch((error: unknown) => {
    throw errorFromTransport(error, apiUrl, signal);
  });
}

/** Cut off by the network: only a read, or a write under an idempotency key, is sent again. */
function worthRetrying(error: RiosError, { route, idempotencyKey }: TransportCall): boolean {
  const safe = route.method === 'GET' || idempotencyKey !== undefined;
  return safe && (error.code === 'API_UNREACHABLE' || error.code === 'CONFLICT_IN_FLIGHT');
}

/** Builds the transport; nothing is loaded or connected until the first call. */
export function createTransport(options: TransportOptions): Transport {
  async function attempt<T>(call: TransportCall, once: () => Promise<T>): Promise<T> {
    for (let tries = 0; ; tries++) {
      try {
        return await once();
      } catch (error) {
        const waitMs = waitBefore(error, call, tries);
        if (waitMs === undefined) throw error;
        await wait(waitMs, call.signal, options.apiUrl);
      }
    }
  }
  return {
    fetch: (call) =>
      attempt(call, async () => readAll((await openOnce(options, call, true)).bytes, MAX_JSON_BYTES)),
    open: (call) => attempt(call, () => openOnce(options, call, false)),
  };
}
