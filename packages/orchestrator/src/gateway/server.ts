import {
  createServer,
  type ServerOptions as HttpOptions,
  type RequestListener,
  type Server,
} from 'node:http';
import { isIP } from 'node:net';
import type { Clock } from '@rios/sdk/clock';
import { RiosError } from '@rios/sdk/errors/error';
import type { Log } from '@rios/sdk/log';
import type { OnUpgrade } from './event-socket.ts';
import type { LiveRequests } from './live-requests.ts';
import { readTls, type TlsFiles, watchTls } from './tls.ts';

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

export interface ServerOptions {
  readonly host: string;
  /** 0 = any free one. */
  readonly port: number;
  /** Without it: plain HTTP, on a loopback address only. */
  readonly tls?: TlsFiles | undefined;
  /** How long a client may take to send its headers, 10 s by default, and its whole request, 120 s. */
  readonly headersTimeoutMs?: number;
  readonly requestTimeoutMs?: number;
  /** Connections at once; no bound when left out. */
  readonly maxConnections?: number;
  /** A connection on which nothing passes for so long is closed; never when left out. */
  readonly idleTimeoutMs?: number;
  /** What is served, as the flags `--<flag>-host` and `--<flag>-port` call it; `api` when left out. */
  readonly flag?: 'api' | 'apps';
}

export interface ServerModules {
  readonly listener: RequestListener;
  readonly onUpgrade?: OnUpgrade;
  readonly live: LiveRequests;
  readonly clock: Clock;
  readonly log: Log;
}

/** The HTTP server of the API: TLS 1.3, or plain HTTP on a loopback address. */
export function createApiServer(options: ServerOptions, modules: ServerModules): ApiServer {
  let open: Open | undefined;
  let stopping: Promise<void> | undefined;
  return {
    start: async () => {
      checkApiHost(options.host, options.tls, options.flag);
      open = await createOpen(options, modules);
      return listen(open.server, options);
    },
    stop: () => {
      stopping ??= open === undefined ? Promise.resolve() : stop(open, modules);
      return stopping;
    },
  };
}

interface Open {
  readonly server: Server;
  readonly unwatch: () => void;
}

async function createOpen(options: ServerOptions, modules: ServerModules): Promise<Open> {
  const limits = limitsOf(options);
  const { tls } = options;
  if (tls === undefined) {
    const server = createServer(limits, modules.listener);
    return { server: prepare(server, options, modules), unwatch: () => {} };
  }
  const { createServer: createTlsServer } = await import('node:https');
  const { headersTimeout: handshakeTimeout } = limits;
  const server = createTlsServer(
    { ...limits, ...(handshakeTimeout === undefined ? {} : { handshakeTimeout }), ...(await readTls(tls)) },
    modules.listener,
  );
  const unwatch = watchTls(tls, (fresh) => server.setSecureContext(fresh), modules);
  return { server: prepare(server, options, modules), unwatch };
}

function limitsOf({ headersTimeoutMs = 10_000, requestTimeoutMs = 120_000 }: ServerOptions): HttpOptions {
  return {
    maxHeaderSize: 16 * 1024,
    headersTimeout: headersTimeoutMs,
    requestTimeout: requestTimeoutMs,
    keepAliveTimeout: 10_000,
    connectionsCheckingInterval: Math.min(5_000, headersTimeoutMs / 2),
  };
}

function prepare(
  server: Server,
  { maxConnections, idleTimeoutMs = 0 }: ServerOptions,
  { log, onUpgrade }: ServerModules,
): Server {
  server.maxHeadersCount = 100;
  server.timeout = idleTimeoutMs;
  if (maxConnections !== undefined) server.maxConnections = maxConnections;
  server.on('error', (error) => log.error('the API server failed', { error: error.message }));
  if (onUpgrade !== undefined) server.on('upgrade', onUpgrade);
  return server;
}

/** Without TLS refuses any host but loopback: tokens and prompts would cross the network readable. */
export function checkApiHost(host: string, tls?: TlsFiles, flag: 'api' | 'apps' = 'api'): void {
  if (tls !== undefined && host !== '') return;
  if (host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'))) return;
  const what = flag === 'api' ? 'the API is' : 'applications are';
  throw new RiosError('USER_INVALID_REQUEST', `${what} not served on ${host}: it is plain HTTP`, {
    hint: `Give --tls-cert and --tls-key, or keep --${flag}-host 127.0.0.1 and put a TLS proxy in front of it.`,
    details: { host },
  });
}

async function listen(server: Server, { host, port, tls, flag = 'api' }: ServerOptions): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    const onError = (cause: NodeJS.ErrnoException) => reject(listenError(cause, host, port, flag));
    server.once('error', onError);
    server.listen(port, host, () => {
      server.off('error', onError);
      resolve();
    });
  });
  const bound = server.address();
  const boundPort = typeof bound === 'object' && bound !== null ? bound.port : port;
  return `${tls === undefined ? 'http' : 'https'}://${isIP(host) === 6 ? `[${host}]` : host}:${boundPort}`;
}

function listenError(cause: NodeJS.ErrnoException, host: string, port: number, flag: string): RiosError {
  if (cause.code === 'EADDRINUSE') {
    return new RiosError('CONFLICT_IN_USE', `port ${port} on ${host} is in use`, {
      hint: `Stop the other process, or choose another --${flag}-port (0 = any free one).`,
      details: { host, port },
      cause,
    });
  }
  return new RiosError('USER_INVALID_REQUEST', `cannot listen on ${host}:${port}: ${cause.message}`, {
    cause,
  });
}

async function stop({ server, unwatch }: Open, { live, clock }: ServerModules): Promise<void> {
  unwatch();
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
