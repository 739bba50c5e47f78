import { RiosError } from '../errors/error.ts';
import { errorFromAnswer, errorFromTransport } from './failure.ts';
import type { CallFields } from './request.ts';
import type { AnyRoute } from './route.ts';

/** No JSON answer is read further than this. */
const MAX_JSON_BYTES = 256 * 1024 * 1024;
const MAX_ERROR_BYTES = 64 * 1024;
const RETRIES = 2;

export interface TransportCall extends CallFields {
  readonly route: AnyRoute;
  readonly signal?: AbortSignal | undefined;
  readonly timeoutMs?: number | undefined;
  readonly range?: { readonly from: number; readonly to: number } | undefined;
}

export interface TransportOptions {
  readonly apiUrl: string;
  readonly token: string | undefined;
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

/** HTTP below the client: got (loaded at the first call), deadlines, retries of GET, typed failures. */
export interface Transport {
  /** The whole body, within the deadline. */
  fetch(call: TransportCall): Promise<Uint8Array>;
  /** The body as a stream; the deadline holds for the first byte and for each pause. */
  open(call: TransportCall): Promise<OpenAnswer>;
}

function headersOf(options: TransportOptions, call: TransportCall, contentType: string | undefined) {
  const { token } = options;
  return {
    'user-agent': 'rios-sdk',
    accept:
      call.route.answerKind === 'bytes' ? 'application/octet-stream' : 'application/json, text/event-stream',
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    ...(contentType === undefined ? {} : { 'content-type': contentType }),
    ...(call.range === undefined ? {} : { range: `bytes=${call.range.from}-${call.range.to - 1}` }),
  };
}

/** Settings of one request. A network error of a GET is tried again; nothing else ever is. */
function requestOf(options: TransportOptions, call: TransportCall) {
  const { url, body } = options.build(call);
  return {
    url,
    settings: {
      method: call.route.method,
      headers: headersOf(options, call, body?.contentType),
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

async function openOnce(options: TransportOptions, call: TransportCall, whole: boolean): Promise<OpenAnswer> {
  const { default: got } = await import('got');
  const { url, settings } = requestOf(options, call);
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
  throw errorFromAnswer(response.statusCode, await readAll(bytes, MAX_ERROR_BYTES), requestId);
}

function worthRetrying(error: unknown, call: TransportCall): boolean {
  return (
    call.route.method === 'GET' &&
    error instanceof RiosError &&
    error.code === 'API_UNREACHABLE' &&
    call.signal?.aborted !== true
  );
}

/** Builds the transport; nothing is loaded or connected until the first call. */
export function createTransport(options: TransportOptions): Transport {
  async function attempt<T>(call: TransportCall, once: () => Promise<T>): Promise<T> {
    for (let tries = 0; ; tries++) {
      try {
        return await once();
      } catch (error) {
        if (tries >= RETRIES || !worthRetrying(error, call)) throw error;
        await new Promise((resolve) => setTimeout(resolve, 100 * 2 ** tries));
      }
    }
  }
  return {
    fetch: (call) =>
      attempt(call, async () => readAll((await openOnce(options, call, true)).bytes, MAX_JSON_BYTES)),
    open: (call) => attempt(call, () => openOnce(options, call, false)),
  };
}
