import { createServer, type RequestListener, type Server } from 'node:http';
import { isIP } from 'node:net';
import type { Clock } from '@rios/sdk/clock';
import { RiosError } from '@rios/sdk/errors/error';
import type { Log } from '@rios/sdk/log';
import type { LiveRequests } from './live-requests.ts';

/** Open streams may take so long to end when the server stops. */
const STOP_GRACE_MS = 10_000;
/** What was aborted then may take so long to say so. */
const ABORT_GRACE_MS = 1_000;

export interface ApiServer {
  /** Listens; returns the URL of the API. @throws RiosError USER_INVALID_REQUEST, CONFLICT_IN_USE */
  start(): Promise<string>;
  /** Takes no more requests, lets open ones finish for 10 s, then ends them. */
  stop(): Promise<void>;
}

/** The HTTP server of the API: plain HTTP, on a loopback address only. */
export function createApiServer(
  options: { host: string; port: number },
  modules: { listener: RequestListener; live: LiveRequests; clock: Clock; log: Log },
): ApiServer {
  const server = createServer(
    {
      maxHeaderSize: 16 * 1024,
      headersTimeout: 10_000,
      requestTimeout: 120_000,
      keepAliveTimeout: 10_000,
      connectionsCheckingInterval: 5_000,
    },
    modules.listener,
  );
  server.maxHeadersCount = 100;
  server.on('error', (error) => modules.log.error('the API server failed', { error: error.message }));
  let stopping: Promise<void> | undefined;
  return {
    start: () => listen(server, options),
    stop: () => {
      stopping ??= stop(server, modules);
      return stopping;
    },
  };
}

/** Refuses any host but loopback: without TLS, tokens and prompts would cross the network readable. */
export function checkApiHost(host: string): void {
  if (host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'))) return;
  throw new RiosError('USER_INVALID_REQUEST', `the API is not served on ${host}: it is plain HTTP`, {
    hint: 'Keep --api-host 127.0.0.1 and put a TLS proxy in front of it.',
    details: { host },
  });
}

async function listen(server: Server, { host, port }: { host: string; port: number }): Promise<string> {
  checkApiHost(host);
  await new Promise<void>((resolve, reject) => {
    const onError = (cause: NodeJS.ErrnoException) => reject(listenError(cause, host, port));
    server.once('error', onError);
    server.listen(port, host, () => {
      server.off('error', onError);
      resolve();
    });
  });
  const bound = server.address();
  const boundPort = typeof bound === 'object' && bound !== null ? bound.port : port;
  return `http://${isIP(host) === 6 ? `[${host}]` : host}:${boundPort}`;
}

function listenError(cause: NodeJS.ErrnoException, host: string, port: number): RiosError {
  if (cause.code === 'EADDRINUSE') {
    return new RiosError('CONFLICT_IN_USE', `port ${port} on ${host} is in use`, {
      hint: 'Stop the other process, or choose another --api-port (0 = any free one).',
      details: { host, port },
      cause,
    });
  }
  return new RiosError('USER_INVALID_REQUEST', `cannot listen on ${host}:${port}: ${cause.message}`, {
    cause,
  });
}

async function stop(server: Server, { live, clock }: { live: LiveRequests; clock: Clock }): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  const drained = live.drain().then(() => server.closeIdleConnections());
  await within(clock, STOP_GRACE_MS, drained);
  live.abort();
  await within(clock, ABORT_GRACE_MS, drained);
  server.closeAllConnections();
  await closed;
}

/** Waits for `work`, but no longer than `ms`. */
async function within(clock: Clock, ms: number, work: Promise<void>): Promise<void> {
  let cancel = () => {};
  const timeout = new Promise<void>((resolve) => {
    cancel = clock.after(ms, resolve);
  });
  await Promise.race([work, timeout]);
  cancel();
}
