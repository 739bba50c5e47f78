import type { Clock } from '../clock.ts';
import type { Identity } from '../crypto/identity.ts';
import type { Log } from '../log.ts';
import type { PeerAddress } from '../schema/worker.ts';
import type { ByteStream, RawStream } from '../wire/byte-stream.ts';
import type { Handlers, Link } from '../wire/link.ts';
import type { Protocol } from '../wire/methods.ts';

/** What a peer is made of. */
export interface PeerOptions {
  readonly identity: Identity;
  /** Multiaddresses to listen on, such as `/ip4/0.0.0.0/tcp/0`; none = dial out only. */
  readonly listen: readonly string[];
  /** Multiaddresses to tell others instead of those listened on. */
  readonly announce?: readonly string[];
  /** Who may connect, and open protocols. Asked anew at each connection and each stream. */
  readonly accept: (peerId: string) => boolean;
  readonly log: Log;
  readonly clock?: Clock;
}

/** One participant of the peer-to-peer network. */
export interface Peer {
  readonly peerId: string;
  /** Where it can be dialled, each with /p2p/<id>. Empty before `start`. */
  readonly addresses: string[];
  /** Answers a protocol to accepted peers. `onLink` gets each link that another peer opened. */
  serve(protocol: Protocol, handlers: Handlers, onLink?: (link: Link) => void): Promise<void>;
  /**
   * The live link to that peer for that protocol, whoever opened it; else a new one (concurrent calls share it).
   * Needs no address when a connection is open. `handlers` default to those served. Throws PEER_UNREACHABLE,
   * PEER_TIMEOUT.
   */
  connect(to: PeerAddress, protocol: Protocol, options?: ConnectOptions): Promise<Link>;
  /** Dials back on a fresh connection, checks the peer id and that it answers, and closes. Throws PEER_UNREACHABLE. */
  proveReachable(to: PeerAddress, timeoutMs: number): Promise<void>;
  isConnected(peerId: string): boolean;
  /** Closes every link and connection to that peer. */
  disconnect(peerId: string): Promise<void>;
  /** Tells when the last connection to a peer is gone. Returns how to stop telling. */
  onDisconnect(listener: (peerId: string) => void): () => void;
  /** Lets peers that `accept` refuses open this one protocol, within bounds (p2p/join.ts). */
  serveStrangers(service: StrangerService): Promise<void>;
  /** Opens one unframed stream on a fresh connection to an address; for p2p/join.ts. Throws PEER_UNREACHABLE. */
  openOnce(address: string, protocolId: string, timeoutMs: number): Promise<OpenedStream>;
  /**
   * Opens one unframed stream to a member, on the connection that is there, else on a new one; for what speaks another
   * protocol inside, such as a container's HTTP. Throws PEER_UNREACHABLE, PEER_TIMEOUT.
   */
  openStream(to: PeerAddress, protocolId: string, timeoutMs: number): Promise<RawStream>;
  /** Takes unframed streams of accepted peers. `remoteHost`: where the peer is, as its connection says. */
  serveStreams(
    protocol: Pick<Protocol, 'id' | 'maxInboundStreams'>,
    onStream: (stream: RawStream, peerId: string, remoteHost: string) => void,
  ): Promise<void>;
  /** Listens. Throws CONFLICT_IN_USE when an address is taken. */
  start(): Promise<void>;
  /** Closes every link and connection. Idempotent. */
  stop(): Promise<void>;
}

export interface ConnectOptions {
  readonly handlers?: Handlers;
  readonly timeoutMs?: number;
}

/** A stream with the peer id that its connection proved; `close` ends the connection too. */
export interface OpenedStream {
  readonly stream: ByteStream;
  readonly peerId: string;
  close(): Promise<void>;
}

/** What strangers get: one stream of one protocol, then the connection ends. */
export interface StrangerService {
  readonly protocolId: string;
  /** Longest life of a stranger's connection. */
  readonly timeoutMs: number;
  /** Asked before a stranger's connection is kept: a rate limit. */
  readonly admitConnection: (remoteAddress: string) => boolean;
  readonly onStream: (stream: ByteStream, peerId: string, remoteAddress: string) => Promise<void>;
}
