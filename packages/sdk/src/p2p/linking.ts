import type { Connection, Libp2p, NewStreamOptions, Stream } from '@libp2p/interface';
import type { Clock } from '../clock.ts';
import { RiosError } from '../errors/error.ts';
import type { Log } from '../log.ts';
import type { PeerAddress } from '../schema/worker.ts';
import { createLink } from '../wire/connect.ts';
import type { Handlers, Link } from '../wire/link.ts';
import type { Protocol } from '../wire/methods.ts';
import type { ConnectOptions, Peer } from './contract.ts';
import { type Dialling, dialError } from './dialling.ts';
import { fromLibp2pStream, fromPausableStream } from './libp2p-stream.ts';
import { createLinkRegistry } from './link-registry.ts';
import { hostOf } from './stranger-gate.ts';

/** What links of one peer are made with. */
export interface LinkingOptions {
  readonly host: Libp2p;
  readonly dialling: Dialling;
  readonly accept: (peerId: string) => boolean;
  readonly clock: Clock;
  readonly log: Log;
}

/** Serving and opening links. */
export interface Linking extends Pick<Peer, 'serve' | 'connect' | 'openStream' | 'serveStreams'> {
  /** Closes the links to one peer, or all. */
  close(peerId?: string): Promise<void>;
}

type OnStream = (stream: Stream, peerId: string, remoteHost: string) => void | Promise<void>;

/** Time to open a link when the caller says nothing. */
const CONNECT_TIMEOUT_MS = 5_000;
/** Raw streams of one protocol that may be open to one peer: yamux carries 1,000 streams in all. */
const MAX_RAW_STREAMS = 768;

/** Serves and opens links over a libp2p host, one live link per peer and protocol. */
export function createLinking({ host, dialling, accept, clock, log }: LinkingOptions): Linking {
  const links = createLinkRegistry();
  const served = new Map<string, Handlers>();
  const opening = new Map<string, Promise<Link>>();

  const toLink = (
    stream: Stream,
    peerId: string,
    protocol: Protocol,
    dialler: boolean,
    handlers: Handlers,
  ) => {
    const settings = { protocol, peerId, dialler, handlers, clock, log };
    return createLink(fromLibp2pStream(stream), settings);
  };

  const open = async (to: PeerAddress, protocol: Protocol, { handlers, timeoutMs }: ConnectOptions) => {
    const limitMs = timeoutMs ?? CONNECT_TIMEOUT_MS;
    const signal = AbortSignal.timeout(limitMs);
    try {
      const stream = await openStream(dialling, to, protocol.id, { signal });
      const link = toLink(stream, to.peerId, protocol, true, handlers ?? served.get(protocol.id) ?? {});
      // a dial to a peer that refuses this one succeeds at first: only an answer counts
      await link.ping(limitMs).catch(async (error: unknown) => {
        await link.close();
        throw error;
      });
      links.add(link, protocol.id);
      return link;
    } catch (error) {
      throw dialError(error, to.peerId, signal);
    }
  };

  return {
    async serve(protocol, handlers, onLink) {
      served.set(protocol.id, handlers);
      await handleMembers(host, accept, protocol, (stream, peerId) => {
        const link = toLink(stream, peerId, protocol, false, handlers);
        links.add(link, protocol.id);
        onLink?.(link);
      });
    },
    async connect(to, protocol, options = {}) {
      const live = links.find(to.peerId, protocol.id);
      if (live !== undefined) return live;
      const key = `${to.peerId} ${protocol.id}`;
      const pending = opening.get(key) ?? open(to, protocol, options).finally(() => opening.delete(key));
      opening.set(key, pending);
      return await pending;
    },
    async openStream(to, protocolId, timeoutMs) {
      const signal = AbortSignal.timeout(timeoutMs);
      const maxOutboundStreams = MAX_RAW_STREAMS;
      try {
        return fromPausableStream(await openStream(dialling, to, protocolId, { signal, maxOutboundStreams }));
      } catch (error) {
        throw dialError(error, to.peerId, signal);
      }
    },
    serveStreams: (protocol, onStream) =>
      handleMembers(host, accept, protocol, (stream, ...from) =>
        onStream(fromPausableStream(stream), ...from),
      ),
    close: (peerId) => links.closeAll(peerId),
  };
}

/** Answers a protocol to accepted peers; a stranger that tries it loses its connection. */
export async function handleMembers(
  host: Libp2p,
  accept: (peerId: string) => boolean,
  protocol: Pick<Protocol, 'id' | 'maxInboundStreams'>,
  onStream: OnStream,
): Promise<void> {
  const onAnyStream = (stream: Stream, connection: Connection) => {
    const peerId = connection.remotePeer.toString();
    if (accept(peerId)) return onStream(stream, peerId, hostOf(connection));
    const refusal = new RiosError('AUTH_PEER_UNKNOWN', 'not a member');
    if (connection.direction === 'inbound') connection.abort(refusal);
    else stream.abort(refusal);
  };
  await host.handle(protocol.id, onAnyStream, { maxInboundStreams: protocol.maxInboundStreams });
}

/** A stream on the connection that is there; when that one turns out dead, on a new one. */
async function openStream(
  dialling: Dialling,
  to: PeerAddress,
  protocolId: string,
  options: NewStreamOptions & { signal: AbortSignal },
): Promise<Stream> {
  const { signal } = options;
  const connection = await dialling.connection(to, signal);
  try {
    return await connection.newStream(protocolId, options);
  } catch (error) {
    if (signal.aborted || connection.status === 'open' || to.addresses.length === 0) throw error;
    return await (await dialling.connection(to, signal)).newStream(protocolId, options);
  }
}
