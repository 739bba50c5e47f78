import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream';
import type { Clock } from '@rios/sdk/clock';
import type { AppRoute } from './app-routes.ts';
import { type AskLimits, askReplica, hasBody } from './ask-replica.ts';
import { responseHeaders } from './header-rules.ts';
import type { Pool } from './pool.ts';
import { tryReplicas } from './try-replicas.ts';
import type { TunnelAgent } from './tunnel-agent.ts';

/** What forwarding stands on. */
export interface ForwardModules {
  readonly pool: Pool;
  readonly clock: Clock;
  readonly limits: AskLimits;
  /** Keeps connections: for requests that may be repeated, since an application may close an idle one at any time. */
  readonly kept: TunnelAgent;
  /** A new connection for each other one. */
  readonly fresh: TunnelAgent;
}

/** A request on its way. */
export interface Passage {
  readonly request: IncomingMessage;
  readonly route: AppRoute & { readonly port: number };
  /** As the application gets them: names and values in turn. */
  readonly headers: readonly string[];
  /** Aborts when the visitor is gone. */
  readonly signal: AbortSignal;
  readonly onAnswer: (firstByteMs: number, failed: boolean) => void;
}

const IDEMPOTENT = new Set(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE']);

/**
 * Sends a request to a replica, and its answer back. One that is idempotent and has no body is sent again when the
 * replica ends before it answers. Resolves when all is over. Throws PEER_*, CAPACITY_NO_REPLICA before an answer.
 */
export async function forward(
  modules: ForwardModules,
  passage: Passage,
  response: ServerResponse,
): Promise<void> {
  const { request, route, signal, onAnswer } = passage;
  const repeatable = IDEMPOTENT.has(request.method ?? '') && !hasBody(request);
  const agent = repeatable ? modules.kept : modules.fresh;
  const headers = withFraming(request, passage.headers);
  await tryReplicas<IncomingMessage>(modules, {
    ...{ route, repeatable, signal },
    onAnswer: (answer, ms) => onAnswer(ms, isFailure(answer)),
    ask: ({ target }) => {
      const question = { target, appPort: route.port, agent, request, headers, signal };
      return askReplica({ ...modules.limits, clock: modules.clock }, question);
    },
    use: (answer) => relay(answer, response, request.headers.host ?? ''),
  });
}

/** The application says itself that it failed. */
export const isFailure = ({ statusCode = 0 }: IncomingMessage): boolean => statusCode >= 500;

/** How long the body is: by Content-Length as it came, else in chunks. */
function withFraming(request: IncomingMessage, headers: readonly string[]): readonly string[] {
  if (request.headers['transfer-encoding'] !== undefined) return [...headers, 'Transfer-Encoding', 'chunked'];
  if (request.headers['content-length'] !== undefined || IDEMPOTENT.has(request.method ?? '')) return headers;
  return [...headers, 'Content-Length', '0'];
}

/** Resolves when the whole answer was handed over, or either end is gone. */
function relay(answer: IncomingMessage, response: ServerResponse, host: string): Promise<void> {
  const headers = responseHeaders(answer.rawHeaders, host);
  response.writeHead(answer.statusCode ?? 502, answer.statusMessage ?? '', headers);
  // a stream of events begins before its first event
  response.flushHeaders();
  return new Promise((resolve) => pipeline(answer, response, () => resolve()));
}
