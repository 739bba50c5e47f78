import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Clock } from '@rios/sdk/clock';
import { RiosError } from '@rios/sdk/errors/error';
import { createId } from '@rios/sdk/ids';
import type { Log } from '@rios/sdk/log';
import { createAddressReader } from '../gateway/client-address.ts';
import { createLiveRequests } from '../gateway/live-requests.ts';
import { logFailure } from '../gateway/log-failure.ts';
import { type ApiServer, createApiServer, type ServerOptions } from '../gateway/server.ts';
import type { CheckAccess } from './access.ts';
import { answerError, refuseUpgrade } from './answer-error.ts';
import { appOfHost, isLocal } from './app-host.ts';
import type { AppRoutes } from './app-routes.ts';
import type { AskLimits } from './ask-replica.ts';
import { createAwaitTarget } from './await-target.ts';
import type { Balance } from './balance.ts';
import type { Figures } from './figures.ts';
import { forward, type Passage } from './forward.ts';
import { requestHeaders } from './header-rules.ts';
import type { OpenTunnel } from './open-tunnel.ts';
import { createPool } from './pool.ts';
import { TunnelAgent } from './tunnel-agent.ts';
import { upgrade } from './upgrade.ts';
import { visitorToken } from './visitor-token.ts';

/** How applications are served. */
export interface IngressOptions extends Pick<ServerOptions, 'host' | 'port' | 'tls' | 'headersTimeoutMs'> {
  /** Applications are at `<name>.<domain>`. */
  readonly domain: string;
  readonly balance?: Balance;
  readonly trustedProxies?: readonly string[];
  readonly limits?: Partial<AskLimits>;
  /** How long a request waits for a replica, ms. */
  readonly waitMs?: number;
  readonly idleTimeoutMs?: number;
}

export interface IngressModules {
  readonly routes: AppRoutes;
  readonly openTunnel: OpenTunnel;
  readonly checkAccess: CheckAccess;
  /** Whether an Authorization header holds a credential of this network. */
  readonly isOurs: (authorization: string) => boolean;
  readonly figures: Figures;
  readonly clock: Clock;
  readonly log: Log;
}

const LIMITS: AskLimits = { answerMs: 120_000, stallMs: 30_000 };
const WAIT_MS = 30_000;
/** A connection on which nothing passes for so long is closed, also one that was upgraded. */
const IDLE_MS = 600_000;
/** Connections of visitors at once. */
const MAX_CONNECTIONS = 8_192;

/** The way of visitors to applications, on an origin of their own; nothing listens before `start`. */
export function createIngress(options: IngressOptions, modules: IngressModules): ApiServer {
  const { clock, log } = modules;
  const { idleTimeoutMs = IDLE_MS } = options;
  const live = createLiveRequests();
  const pass = createPassing(options, modules);
  const newId = (): string => createId('req', clock.now());
  const listener = (request: IncomingMessage, response: ServerResponse) => {
    const requestId = newId();
    const signal = live.open(response);
    pass({ request, requestId, signal, answer: response }).catch((error: unknown) => {
      if (!signal.aborted) logFailure(log, error, requestId);
      answerError(response, error, requestId);
    });
  };
  const onUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const requestId = newId();
    const gone = new AbortController();
    // whoever lost a connection hears of it by its close
    socket.on('error', () => {});
    socket.once('close', () => gone.abort(new RiosError('USER_INTERRUPTED', 'the visitor is gone')));
    live.drainSignal.addEventListener('abort', () => socket.destroy(), { signal: gone.signal });
    request.socket.setTimeout(idleTimeoutMs, () => socket.destroy());
    if (head.length > 0) socket.unshift(head);
    pass({ request, requestId, signal: gone.signal, upgraded: socket }).catch((error: unknown) => {
      if (!gone.signal.aborted) logFailure(log, error, requestId);
      refuseUpgrade(socket, error, requestId);
    });
  };
  const bounds = { requestTimeoutMs: 0, idleTimeoutMs, maxConnections: MAX_CONNECTIONS };
  const server = { ...options, ...bounds, flag: 'apps' as const };
  return createApiServer(server, { listener, onUpgrade, live, clock, log });
}

/** One visit: a request to be answered, or a connection that asks for an upgrade. */
interface Visit {
  readonly request: IncomingMessage;
  readonly requestId: string;
  readonly signal: AbortSignal;
  readonly answer?: ServerResponse;
  readonly upgraded?: Duplex;
}

function createPassing(options: IngressOptions, modules: IngressModules): (visit: Visit) => Promise<void> {
  const { domain, balance = 'round-robin', waitMs = WAIT_MS } = options;
  const { routes, figures, clock, openTunnel, checkAccess } = modules;
  const addressOf = createAddressReader(options.trustedProxies ?? []);
  const awaitTarget = createAwaitTarget({ routes, figures, clock, waitMs });
  const forwarding = {
    ...{ clock, limits: { ...LIMITS, ...options.limits } },
    pool: createPool({ clock, balance }),
    kept: new TunnelAgent(openTunnel, { keepAlive: true }),
    fresh: new TunnelAgent(openTunnel, { keepAlive: false }),
  };
  const proto = options.tls !== undefined || !isLocal(domain) ? 'https' : 'http';
  return async ({ request, requestId, signal, answer, upgraded }) => {
    checkTarget(request);
    if (upgraded !== undefined && !isWebSocket(request))
      throw new RiosError('USER_INVALID_REQUEST', 'a connection is upgraded to a WebSocket only');
    const { host = '' } = request.headers;
    const name = appOfHost(host, domain);
    const known = name === undefined ? undefined : routes.find(name);
    if (name === undefined || known === undefined)
      throw new RiosError('NOT_FOUND', `there is no application at ${host.slice(0, 100)}`);
    await checkAccess(known, visitorToken(request.headers));
    const route = await awaitTarget(name, signal);
    const visitor = { address: addressOf(request), proto, host, requestId } as const;
    const headers = requestHeaders(request.rawHeaders, visitor, modules.isOurs);
    const { deploymentId } = route;
    const over = figures.begins(deploymentId);
    const begun = clock.now();
    const onAnswer = (firstByteMs: number, failed: boolean) =>
      figures.answered(deploymentId, { firstByteMs, failed });
    const passage: Passage = { request, route, headers, signal, onAnswer };
    try {
      if (upgraded !== undefined) await upgrade(forwarding, passage, upgraded);
      else if (answer !== undefined) await forward(forwarding, passage, answer);
    } catch (error) {
      if (!signal.aborted) onAnswer(clock.now() - begun, true);
      throw error;
    } finally {
      over();
    }
  };
}

/** Refuses what is no request to an application: another server's address, or an echo of its own headers. */
function checkTarget({ url = '', method }: IncomingMessage): void {
  if (method === 'TRACE') throw new RiosError('USER_INVALID_REQUEST', 'TRACE is not served');
  if (!url.startsWith('/') && url !== '*')
    throw new RiosError('USER_INVALID_REQUEST', 'the target of the request must be a path');
}

const isWebSocket = ({ headers }: IncomingMessage): boolean => headers.upgrade?.toLowerCase() === 'websocket';
