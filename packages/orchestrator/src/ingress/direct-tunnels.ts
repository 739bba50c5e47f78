import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server, type TLSSocket } from 'node:tls';
import { toBase64url } from '@rios/sdk/crypto/hash';
import { RiosError } from '@rios/sdk/errors/error';
import type { Log } from '@rios/sdk/log';
import { DIRECT_TLS } from '@rios/sdk/p2p/direct-tls';
import type { DirectOffer } from '@rios/sdk/schema/container';

/** A connection that one worker may bring, once. */
export interface Expected {
  readonly offer: DirectOffer;
  /** The connection, when the worker has come. Throws PEER_TIMEOUT. */
  arrival(timeoutMs: number): Promise<TLSSocket>;
  /** Nobody may come any more, and who has is let go. */
  cancel(): void;
}

/** Where workers bring the bytes of containers by TLS, which carries several times what a stream of libp2p does. */
export interface DirectTunnels {
  start(): Promise<void>;
  /** Undefined when nothing listens: streams will do. */
  expect(): Expected | undefined;
  stop(): Promise<void>;
}

export interface DirectOptions {
  readonly host: string;
  /** 0 = any free one. */
  readonly port: number;
}

const HANDSHAKE_MS = 3_000;
const MAX_CONNECTIONS = 8_192;

interface Waiting {
  readonly key: Buffer;
  readonly arrived: PromiseWithResolvers<TLSSocket>;
  socket: TLSSocket | undefined;
  /** Nobody wants it: it is closed when it comes, or has come. */
  unwanted: boolean;
}

/** Nothing listens before `start`. */
export function createDirectTunnels(
  { host, port }: DirectOptions,
  { log }: { readonly log: Log },
): DirectTunnels {
  const waiting = new Map<string, Waiting>();
  const open = new Set<TLSSocket>();
  const server = createKeyedServer(waiting, open, log);
  return {
    async start() {
      const listening = once(server, 'listening');
      server.listen(port, host);
      await listening.catch((cause: Error) => {
        throw new RiosError('CONFLICT_IN_USE', `cannot listen for tunnels on ${host}:${port}`, {
          hint: 'Choose another --tunnel-port (0 = any free one).',
          cause,
        });
      });
    },
    expect() {
      const address = server.address();
      if (address === null || typeof address === 'string') return undefined;
      return expectOne(waiting, address.port);
    },
    async stop() {
      for (const socket of open) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

/** Lets in who has a key that is waited for. Each key is good for one handshake. */
function createKeyedServer(waiting: Map<string, Waiting>, open: Set<TLSSocket>, log: Log): Server {
  const claimed = new WeakMap<TLSSocket, Waiting>();
  const pskCallback = (socket: TLSSocket, id: string) => {
    const found = waiting.get(id);
    if (found === undefined) return null;
    waiting.delete(id);
    claimed.set(socket, found);
    return found.key;
  };
  const onConnection = (socket: TLSSocket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
    // whoever lost a connection hears of it by its close
    socket.on('error', () => {});
    const found = claimed.get(socket);
    if (found === undefined || found.unwanted) return void socket.destroy();
    found.socket = socket;
    found.arrived.resolve(socket);
  };
  const options = { ...DIRECT_TLS, pskCallback, handshakeTimeout: HANDSHAKE_MS, noDelay: true };
  const server = createServer(options, onConnection);
  server.maxConnections = MAX_CONNECTIONS;
  server.on('tlsClientError', (error) => log.debug('no direct tunnel', { error: error.message }));
  server.on('error', (error) => log.error('the port for tunnels failed', { error: error.message }));
  return server;
}

function expectOne(waiting: Map<string, Waiting>, port: number): Expected {
  const id = randomBytes(16).toString('hex');
  const entry: Waiting = {
    ...{ key: randomBytes(32), arrived: Promise.withResolvers<TLSSocket>() },
    ...{ socket: undefined, unwanted: false },
  };
  waiting.set(id, entry);
  return {
    offer: { port, id, key: toBase64url(entry.key) },
    arrival: (timeoutMs) => arrivalOf(entry, timeoutMs),
    cancel: () => {
      waiting.delete(id);
      entry.unwanted = true;
      entry.socket?.destroy();
    },
  };
}

async function arrivalOf({ arrived }: Waiting, timeoutMs: number): Promise<TLSSocket> {
  const late = new RiosError('PEER_TIMEOUT', 'the worker did not bring the connection that it announced');
  const timer = setTimeout(() => arrived.reject(late), timeoutMs);
  try {
    return await arrived.promise;
  } finally {
    clearTimeout(timer);
  }
}
