import type { Duplex } from 'node:stream';
import { fromErrorBody } from '@rios/sdk/errors/error';
import type { Peer } from '@rios/sdk/p2p/peer';
import { readMessage, writeMessage } from '@rios/sdk/p2p/socket-message';
import { StreamSocket } from '@rios/sdk/p2p/stream-socket';
import { TUNNEL, tunnelReplySchema } from '@rios/sdk/schema/container';
import type { PeerAddress } from '@rios/sdk/schema/worker';
import type { AppTarget } from './app-routes.ts';

/** Opens a connection to a container's declared port, through its worker. Throws PEER_*, NOT_FOUND. */
export type OpenTunnel = (target: AppTarget, port: number) => Promise<Duplex>;

export interface TunnelModules {
  readonly peer: Pick<Peer, 'openStream'>;
  /** Where a worker is reached; no address = only by the connection that is there. */
  readonly addressOf: (workerId: string) => PeerAddress;
}

/** Tunnels over /rios/tunnel/1: a stream of the connection that the worker opened, so it may stand behind a NAT. */
export function createTunnels({ peer, addressOf }: TunnelModules): OpenTunnel {
  return async ({ replicaId, workerId }, port) => {
    const stream = await peer.openStream(addressOf(workerId), TUNNEL.id, TUNNEL.timeoutMs);
    const socket = new StreamSocket(stream);
    try {
      writeMessage(socket, { replicaId, port });
      const signal = AbortSignal.timeout(TUNNEL.timeoutMs);
      const limits = { maxBytes: TUNNEL.maxRequestBytes, signal };
      const reply = await readMessage(socket, tunnelReplySchema, limits);
      if ('error' in reply) throw fromErrorBody(reply.error, 'PEER_PROTOCOL');
      return socket;
    } catch (error) {
      socket.on('error', () => {});
      socket.destroy();
      throw error;
    }
  };
}
