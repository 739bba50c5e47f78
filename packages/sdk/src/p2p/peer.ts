import type { ConnectionGater, Libp2p } from '@libp2p/interface';
import { systemClock } from '../clock.ts';
import { RiosError } from '../errors/error.ts';
import { ALIVE, answerAlive, proveReachable } from './alive.ts';
import type { OpenedStream, Peer, PeerOptions } from './contract.ts';
import { closeConnection, createDialling, type Dialling, dialError } from './dialling.ts';
import { fromLibp2pStream } from './libp2p-stream.ts';
import { createLinking, handleMembers } from './linking.ts';
import { createStrangerGate, hostOf } from './stranger-gate.ts';

export type { ConnectOptions, OpenedStream, Peer, PeerOptions, StrangerService } from './contract.ts';

/** Connections that one member may have open here: one in use, and some that prove reachability. */
const MAX_CONNECTIONS_PER_PEER = 8;

/** Makes a peer on libp2p (loaded here): TCP, TLS or Noise, yamux. It does nothing before `start`. */
export async function createPeer(options: PeerOptions): Promise<Peer> {
  const { identity, listen, announce = [], accept, log, clock = systemClock } = options;
  const hosting = await import('./libp2p-host.ts');
  const strangers = createStrangerGate(accept, clock, log);
  const gater: ConnectionGater = {
    denyInboundEncryptedConnection: (peerId, connection) =>
      accept(peerId.toString())
        ? host.getConnections(peerId).length >= MAX_CONNECTIONS_PER_PEER
        : !strangers.admits(hostOf(connection)),
  };
  const host = await hosting.createHost({ identity, listen, announce, gater });
  const dialling = createDialling(host, hosting);
  const linking = createLinking({ host, dialling, accept, clock, log });
  const connectionsTo = (peerId: string) => host.getConnections(hosting.peerIdFromString(peerId));
  host.addEventListener('connection:open', (event) => strangers.onConnection(event.detail));
  await handleMembers(host, accept, ALIVE, answerAlive);

  return {
    peerId: identity.peerId,
    get addresses() {
      return host.status === 'started' ? host.getMultiaddrs().map(String) : [];
    },
    serve: linking.serve,
    connect: linking.connect,
    openStream: linking.openStream,
    serveStreams: linking.serveStreams,
    proveReachable: (to, timeoutMs) => proveReachable(dialling, to, timeoutMs),
    isConnected: (peerId) => connectionsTo(peerId).some(({ status }) => status === 'open'),
    async disconnect(peerId) {
      await linking.close(peerId);
      await Promise.all(connectionsTo(peerId).map(closeConnection));
    },
    onDisconnect(listener) {
      const tell = (event: { detail: { toString(): string } }) => listener(event.detail.toString());
      host.addEventListener('peer:disconnect', tell);
      return () => host.removeEventListener('peer:disconnect', tell);
    },
    async serveStrangers(service) {
      strangers.serve(service);
      await host.handle(service.protocolId, strangers.onStream, { maxInboundStreams: 2 });
    },
    openOnce: (address, protocolId, timeoutMs) => openOnce(dialling, address, protocolId, timeoutMs),
    start: () => startHost(host, listen),
    async stop() {
      await linking.close();
      await host.stop();
    },
  };
}

async function startHost(host: Libp2p, listen: readonly string[]): Promise<void> {
  try {
    await host.start();
  } catch (error) {
    throw new RiosError('CONFLICT_IN_USE', `cannot listen on ${listen.join(', ')}`, { cause: error });
  }
}

async function openOnce(
  dialling: Dialling,
  address: string,
  protocolId: string,
  timeoutMs: number,
): Promise<OpenedStream> {
  const signal = AbortSignal.timeout(timeoutMs);
  try {
    const connection = await dialling.address(address, signal);
    const close = () => closeConnection(connection);
    const stream = await connection.newStream(protocolId, { signal }).catch(async (error: unknown) => {
      await close();
      throw error;
    });
    return { stream: fromLibp2pStream(stream), peerId: connection.remotePeer.toString(), close };
  } catch (error) {
    throw dialError(error, address, signal);
  }
}
