import type { z } from 'zod';
import { RiosError } from '../errors/error.ts';
import { errorFromBody } from './failure.ts';
import { buildBody, buildUrl, type CallFields } from './request.ts';
import type { AnswerOf, AnyRoute, BodyOf, ParamsOf, QueryOf } from './route.ts';
import { type RouteName, type Routes, routes } from './routes.ts';
import { readEvents, SSE_DONE } from './sse.ts';
import { createTransport, type TokenSource, type Transport } from './transport.ts';

export interface ClientOptions {
  /** For example http://127.0.0.1:7070 */
  readonly apiUrl: string;
  /** Sent as a bearer token, or what gives it; only to `apiUrl`, redirects are not followed. */
  readonly token?: string | TokenSource | undefined;
  /** Deadline of one call, 30 000 by default; for streams: of the first byte, and of each pause after it. */
  readonly timeoutMs?: number | undefined;
}

interface CallLimits {
  readonly signal?: AbortSignal | undefined;
  readonly timeoutMs?: number | undefined;
  /** Makes a writing call safe to repeat for 24 h; unguessable, 16 to 128 characters (a UUID will do). */
  readonly idempotencyKey?: string | undefined;
  /** Bytes [from, to) of a blob. */
  readonly range?: { readonly from: number; readonly to: number } | undefined;
}

/** Absent when the route has none of it, optional when all of it is, else required. */
type Field<Name extends string, Value> = unknown extends Value
  ? unknown
  : Value extends Record<string, never>
    ? unknown
    : Partial<Value> extends Value
      ? { readonly [K in Name]?: Value }
      : { readonly [K in Name]: Value };

type BodyField<R> = unknown extends BodyOf<R> ? { readonly body?: Uint8Array } : { readonly body: BodyOf<R> };

/** What a caller passes for route `R`. */
export type CallOptions<R> = CallLimits &
  Field<'params', ParamsOf<R>> &
  Field<'query', QueryOf<R>> &
  BodyField<R>;

type Arguments<R> =
  Partial<CallOptions<R>> extends CallOptions<R> ? [options?: CallOptions<R>] : [options: CallOptions<R>];

/** JSON routes answer with their parsed body, bytes routes with a stream. */
export type CallAnswer<R> = unknown extends AnswerOf<R> ? AsyncIterable<Uint8Array> : AnswerOf<R>;

/** Routes that can answer piece by piece. */
export type StreamName = 'createCompletion' | 'createChatCompletion' | StreamOnlyName;

/** Routes that have no other answer than a stream. */
type StreamOnlyName = 'watchEvents' | 'deploymentLogs';
const STREAM_ONLY: readonly string[] = ['watchEvents', 'deploymentLogs'] satisfies StreamOnlyName[];

/** One method for each route of the table, and `stream` for those that can stream. */
export type Client = {
  readonly [Name in Exclude<RouteName, StreamOnlyName>]: (
    ...call: Arguments<Routes[Name]>
  ) => Promise<CallAnswer<Routes[Name]>>;
} & {
  /** Server-sent chunks, each checked; throws the error that the server sends instead of a chunk. */
  stream<Name extends StreamName>(
    name: Name,
    options: CallOptions<Routes[Name]>,
  ): AsyncGenerator<AnswerOf<Routes[Name]>>;
};

const DEFAULT_TIMEOUT_MS = 30_000;

function checked<T>(schema: z.ZodType<T>, value: unknown, what: string): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new RiosError(
    'API_REMOTE',
    `${what}: the answer has a wrong form at ${issue?.path.join('.') ?? '?'}`,
    {
      hint: 'Check that rios and the orchestrator have the same version: rios version, rios status.',
      details: { issue: issue?.message },
      cause: parsed.error,
    },
  );
}

function parseJson(bytes: Uint8Array | string, what: string): unknown {
  try {
    return JSON.parse(typeof bytes === 'string' ? bytes : new TextDecoder().decode(bytes));
  } catch (error) {
    throw new RiosError('API_REMOTE', `${what}: the answer is not JSON`, { cause: error });
  }
}

async function callRoute(
  transport: Transport,
  route: AnyRoute,
  options: CallFields & CallLimits,
): Promise<unknown> {
  const call = { route, ...options };
  if (route.answerKind === 'bytes') return (await transport.open(call)).bytes;
  return checked(route.answer, parseJson(await transport.fetch(call), route.name), route.name);
}

async function* streamRoute(
  transport: Transport,
  route: AnyRoute,
  options: CallFields & CallLimits,
): AsyncGenerator<unknown> {
  const body = route.bodyKind === 'json' ? { ...(options.body as object), stream: true } : undefined;
  const { bytes, requestId } = await transport.open({ route, ...options, body });
  for await (const text of readEvents(bytes)) {
    if (text === SSE_DONE) return;
    const chunk = parseJson(text, route.name) as { error?: unknown } | null;
    if (chunk?.error !== undefined) throw errorFromBody(chunk.error, 502, requestId);
    yield checked(route.answer, chunk, route.name);
  }
  throw new RiosError('PEER_LOST', 'the answer was cut off before its end', {
    hint: 'Send the request again.',
    ...(requestId === undefined ? {} : { details: { requestId } }),
  });
}

/**
 * The typed client of an orchestrator's API, made from the route table. Every answer is checked against its
 * schema; errors of the server come back as RiosError with their code, hint and request id.
 * @throws RiosError API_UNREACHABLE, API_TIMEOUT, API_REMOTE, USER_INTERRUPTED (the signal), or the server's code
 * @example
 * const client = createClient({ apiUrl: 'http://127.0.0.1:7070', token });
 * const { models } = await client.status();
 */
export function createClient(options: ClientOptions): Client {
  const apiUrl = options.apiUrl.replace(/\/+$/, '');
  const transport = createTransport({
    apiUrl,
    token: options.token,
    timeoutMs: options.timeoutMs ?? DEFAULT_TIMEOUT_MS,
    build: (call) => ({ url: buildUrl(apiUrl, call.route, call), body: buildBody(call.route, call) }),
  });
  const callable = Object.values(routes).filter(({ name }) => !STREAM_ONLY.includes(name));
  const methods = callable.map((route) => [
    route.name,
    (given: CallFields & CallLimits = {}) => callRoute(transport, route, given),
  ]);
  const stream = (name: StreamName, given: CallFields & CallLimits) =>
    streamRoute(transport, routes[name], given);
  return Object.assign(Object.fromEntries(methods), { stream }) as Client;
}
