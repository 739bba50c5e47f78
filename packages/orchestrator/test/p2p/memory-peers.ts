import { RiosError } from '@rios/sdk/errors/error';
import type { Peer } from '@rios/sdk/p2p/peer';
import type { RawStream } from '@rios/sdk/wire/byte-stream';
import { createLink } from '@rios/sdk/wire/connect';
import type { Handlers, Link } from '@rios/sdk/wire/link';
import { createMemoryPair } from '@rios/sdk/wire/memory-pair';

/** Peers in one process: real links over streams in memory, no network. */
export interface MemoryPeers {
  create(peerId: string): Peer;
  /** What a dial-back of that peer finds from now on. */
  setDialError(peerId: string, error: RiosError | undefined): void;
}

type OnStream = (stream: RawStream, peerId: string, remoteHost: string) => void;

interface Served {
  readonly handlers: Handlers;
  readonly onLink: ((link: Link) => void) | undefined;
}

export function createMemoryPeers(): MemoryPeers {
  const peers = new Map<
    string,
    { served: Map<string, Served>; streams: Map<string, OnStream>; links: Set<Link> }
  >();

  const dialErrors = new Map<string, RiosError>();

  const create = (peerId: string): Peer => {
    const served = new Map<string, Served>();
    const streams = new Map<string, OnStream>();
    const links = new Set<Link>();
    const open = new Map<string, Link>();
    const peer: Peer = {
      peerId,
      addresses: [`/memory/1/p2p/${peerId}`],
      serve: async ({ id }, handlers, onLink) => {
        served.set(id, { handlers, onLink });
      },
      connect: async (to, protocol, options = {}) => {
        const key = `${to.peerId} ${protocol.id}`;
        const known = open.get(key);
        if (known !== undefined && !known.closed) return known;
        const other = peers.get(to.peerId);
        const there = other?.served.get(protocol.id);
        if (other === undefined || there === undefined) throw unreachable(to.peerId);
        const [near, far] = createMemoryPair();
        const handlers = options.handlers ?? served.get(protocol.id)?.handlers ?? {};
        const link = createLink(near, { protocol, peerId: to.peerId, dialler: true, handlers });
        const back = createLink(far, { protocol, peerId, dialler: false, handlers: there.handlers });
        links.add(link);
        other.links.add(back);
        there.onLink?.(back);
        open.set(key, link);
        return link;
      },
      proveReachable: async (to) => {
        const failure = dialErrors.get(to.peerId);
        if (failure !== undefined) throw failure;
      },
      isConnected: (other) => [...links].some((link) => link.peerId === other && !link.closed),
      disconnect: async (other) => {
        for (const link of links) if (link.peerId === other) await link.close();
      },
      onDisconnect: () => () => {},
      serveStrangers: async () => {},
      openOnce: async () => {
        throw unreachable('nobody');
      },
      openStream: async (to, protocolId) => {
        const onStream = peers.get(to.peerId)?.streams.get(protocolId);
        if (onStream === undefined) throw unreachable(to.peerId);
        const [near, far] = createMemoryPair();
        onStream(far, peerId, '127.0.0.1');
        return near;
      },
      serveStreams: async ({ id }, onStream) => {
        streams.set(id, onStream);
      },
      start: async () => {},
      stop: async () => {
        peers.delete(peerId);
        for (const link of links) await link.close();
      },
    };
    peers.set(peerId, { served, streams, links });
    return peer;
  };
  return {
    create,
    setDialError: (peerId, error) => {
      if (error === undefined) dialErrors.delete(peerId);
      else dialErrors.set(peerId, error);
    },
  };
}

const unreachable = (peerId: string) => new RiosError('PEER_UNREACHABLE', `no peer ${peerId} here`);
