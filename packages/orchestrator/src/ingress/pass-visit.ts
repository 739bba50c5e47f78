import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { RiosError } from '@rios/sdk/errors/error';
import { createAddressReader } from '../gateway/client-address.ts';
import { appOfHost, isLocal } from './app-host.ts';
import type { AskLimits } from './ask-replica.ts';
import { createAwaitTarget } from './await-target.ts';
import type { IngressModules, IngressOptions } from './contract.ts';
import { type ForwardModules, forward, type Passage } from './forward.ts';
import { requestHeaders } from './header-rules.ts';
import { createPool } from './pool.ts';
import { TunnelAgent } from './tunnel-agent.ts';
import { upgrade } from './upgrade.ts';
import { visitorToken } from './visitor-token.ts';

const LIMITS: AskLimits = { answerMs: 120_000, stallMs: 30_000 };
const WAIT_MS = 30_000;

/** One visit: a request to be answered, or a connection that asks for an upgrade. */
export interface Visit {
  readonly request: IncomingMessage;
  readonly requestId: string;
  /** Aborts when the visitor is gone. */
  readonly signal: AbortSignal;
  readonly by: { readonly answer: ServerResponse } | { readonly upgraded: Duplex };
}

/** What a visit needs once it is known where it goes. */
type Found = Omit<Passage, 'onAnswer'>;

/** Passes a visit on to its application. Throws what there is to answer when no application does. */
export function createPassing(
  options: IngressOptions,
  modules: IngressModules,
): (visit: Visit) => Promise<void> {
  const { clock, openTunnel, figures } = modules;
  const find = createFinding(options, modules);
  const forwarding: ForwardModules = {
    ...{ clock, limits: { ...LIMITS, ...options.limits } },
    pool: createPool({ clock, balance: options.balance ?? 'round-robin' }),
    kept: new TunnelAgent(openTunnel, { keepAlive: true }),
    fresh: new TunnelAgent(openTunnel, { keepAlive: false }),
  };
  return async (visit) => {
    const found = await find(visit);
    const { deploymentId } = found.route;
    const over = figures.begins(deploymentId);
    const begun = clock.now();
    const onAnswer = (firstByteMs: number, failed: boolean) =>
      figures.answered(deploymentId, { firstByteMs, failed });
    const passage = { ...found, onAnswer };
    try {
      if ('upgraded' in visit.by) await upgrade(forwarding, passage, visit.by.upgraded);
      else await forward(forwarding, passage, visit.by.answer);
    } catch (error) {
      if (!visit.signal.aborted) onAnswer(clock.now() - begun, true);
      throw error;
    } finally {
      over();
    }
  };
}

/** Finds a visit's application, lets the visitor in, and waits for a replica. */
function createFinding(options: IngressOptions, modules: IngressModules): (visit: Visit) => Promise<Found> {
  const { domain, waitMs = WAIT_MS } = options;
  const { routes, checkAccess, isOurs } = modules;
  const addressOf = createAddressReader(options.trustedProxies ?? []);
  const awaitTarget = createAwaitTarget({ ...modules, waitMs });
  const proto = options.tls !== undefined || !isLocal(domain) ? 'https' : 'http';
  return async ({ request, requestId, signal, by }) => {
    checkTarget(request);
    if ('upgraded' in by && request.headers.upgrade?.toLowerCase() !== 'websocket')
      throw new RiosError('USER_INVALID_REQUEST', 'a connection is upgraded to a WebSocket only');
    const { host = '' } = request.headers;
    const name = appOfHost(host, domain);
    const known = name === undefined ? undefined : routes.find(name);
    if (name === undefined || known === undefined)
      throw new RiosError('NOT_FOUND', `there is no application at ${host.slice(0, 100)}`);
    await checkAccess(known, visitorToken(request.headers));
    const route = await awaitTarget(name, signal);
    const visitor = { address: addressOf(request), proto, host, requestId } as const;
    return { request, route, headers: requestHeaders(request.rawHeaders, visitor, isOurs), signal };
  };
}

/** Refuses what is no request to an application: another server's address, or an echo of its own headers. */
function checkTarget({ url = '', method }: IncomingMessage): void {
  if (method === 'TRACE') throw new RiosError('USER_INVALID_REQUEST', 'TRACE is not served');
  if (!url.startsWith('/') && url !== '*')
    throw new RiosError('USER_INVALID_REQUEST', 'the target of the request must be a path');
}
