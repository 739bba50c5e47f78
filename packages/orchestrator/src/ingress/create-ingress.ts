import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { RiosError } from '@rios/sdk/errors/error';
import { createId } from '@rios/sdk/ids';
import { createLiveRequests } from '../gateway/live-requests.ts';
import { logFailure } from '../gateway/log-failure.ts';
import { type ApiServer, createApiServer } from '../gateway/server.ts';
import { answerError, refuseUpgrade } from './answer-error.ts';
import type { IngressModules, IngressOptions } from './contract.ts';
import { createPassing } from './pass-visit.ts';

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
    pass({ request, requestId, signal, by: { answer: response } }).catch((error: unknown) => {
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
    pass({ request, requestId, signal: gone.signal, by: { upgraded: socket } }).catch((error: unknown) => {
      if (!gone.signal.aborted) logFailure(log, error, requestId);
      refuseUpgrade(socket, error, requestId);
    });
  };
  const bounds = { requestTimeoutMs: 0, idleTimeoutMs, maxConnections: MAX_CONNECTIONS };
  const server = { ...options, ...bounds, flag: 'apps' as const };
  return createApiServer(server, { listener, onUpgrade, live, clock, log });
}
