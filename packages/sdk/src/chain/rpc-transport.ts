import type { Clock } from '../clock.ts';
import { RiosError } from '../errors/error.ts';

export interface RpcTransportOptions {
  /** http or https. May hold a key: only its host is ever named. */
  readonly url: URL;
  /** Deadline of one call, milliseconds. */
  readonly timeoutMs: number;
  /** The most that an answer may hold. */
  readonly maxBytes: number;
}

/** One JSON-RPC 2.0 call. */
export interface RpcRequest {
  readonly id: number;
  readonly method: string;
  readonly params: readonly unknown[] | Readonly<Record<string, unknown>>;
}

export interface RpcErrorAnswer {
  readonly code: number;
  readonly message: string;
  readonly data?: unknown;
}

export type RpcAnswer =
  | { readonly id: number; readonly result: unknown }
  | { readonly id: number; readonly error: RpcErrorAnswer };

/** Sends JSON-RPC calls over HTTP; each has a deadline and a bound on its answer. */
export interface RpcTransport {
  /** @throws RiosError CHAIN_UNREACHABLE, CHAIN_TIMEOUT, CHAIN_BAD_ANSWER */
  call(request: RpcRequest): Promise<RpcAnswer>;
  /** Breaks off what is under way. Idempotent. */
  close(): void;
}

/** How much of an RPC's own text is repeated. */
const MAX_MESSAGE_CHARS = 512;

export function createRpcTransport(options: RpcTransportOptions, clock: Clock): RpcTransport {
  const live = new Set<AbortController>();
  let closed = false;
  const call = async (request: RpcRequest): Promise<RpcAnswer> => {
    if (closed) throw new RiosError('CHAIN_UNREACHABLE', 'the connection to the chain is closed');
    const breaker = new AbortController();
    const late = new RiosError('CHAIN_TIMEOUT', `${options.url.host} did not answer in time`, {
      details: { host: options.url.host, method: request.method, timeoutMs: options.timeoutMs },
      hint: 'Try again, or use another RPC: --rpc-url.',
    });
    const cancel = clock.after(options.timeoutMs, () => breaker.abort(late));
    live.add(breaker);
    try {
      return await exchange(options, request, breaker.signal);
    } catch (error) {
      if (error instanceof RiosError) throw error;
      throw breaker.signal.reason === late ? late : unreachable(options.url, request, error);
    } finally {
      cancel();
      live.delete(breaker);
    }
  };
  const close = () => {
    closed = true;
    for (const breaker of live) breaker.abort();
  };
  return { call, close };
}

async function exchange(
  { url, maxBytes }: RpcTransportOptions,
  request: RpcRequest,
  signal: AbortSignal,
): Promise<RpcAnswer> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', ...request }),
    redirect: 'error',
    signal,
  });
  const text = await readBounded(response, maxBytes, request);
  const answer = parseAnswer(text, request);
  if (answer !== undefined && (response.ok || 'error' in answer)) return answer;
  if (response.ok) throw badAnswer('it is no JSON-RPC 2.0', request);
  throw new RiosError('CHAIN_UNREACHABLE', `${url.host} answered with status ${response.status}`, {
    details: { host: url.host, method: request.method, status: response.status },
  });
}

async function readBounded(response: Response, maxBytes: number, request: RpcRequest): Promise<string> {
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const chunk of response.body ?? []) {
    sizeBytes += chunk.length;
    if (sizeBytes > maxBytes) throw badAnswer(`it is larger than ${maxBytes} bytes`, request, { maxBytes });
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** Undefined when the text is no answer at all. @throws RiosError CHAIN_BAD_ANSWER when it is to another call */
function parseAnswer(text: string, request: RpcRequest): RpcAnswer | undefined {
  const answer = parseJson(text);
  if (!isRecord(answer) || answer.jsonrpc !== '2.0') return undefined;
  const { id } = request;
  if (isRecord(answer.error) && (answer.id === id || answer.id === null)) {
    return { id, error: readError(answer.error) };
  }
  if (answer.id !== id) throw badAnswer('it is to another call', request);
  return 'result' in answer ? { id, result: answer.result } : undefined;
}

function readError({ code, message, data }: Record<string, unknown>): RpcErrorAnswer {
  return {
    code: typeof code === 'number' ? code : -32_603,
    message: typeof message === 'string' ? message.slice(0, MAX_MESSAGE_CHARS) : 'no message',
    ...(data === undefined ? {} : { data }),
  };
}

/** CHAIN_BAD_ANSWER about one call. */
export const badAnswer = (
  why: string,
  { method }: Pick<RpcRequest, 'method'>,
  details: Record<string, unknown> = {},
) =>
  new RiosError('CHAIN_BAD_ANSWER', `the RPC's answer to ${method} cannot be used: ${why}`, {
    details: { method, ...details },
  });

function unreachable(url: URL, { method }: RpcRequest, cause: unknown): RiosError {
  return new RiosError('CHAIN_UNREACHABLE', `no chain answers at ${url.host}`, {
    details: { host: url.host, method },
    cause,
  });
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
