import type { Duplex } from 'node:stream';
import { fromErrorBody } from '@rios/sdk/errors/error';
import { readMessage, writeMessage } from '@rios/sdk/p2p/socket-message';
import { StreamSocket } from '@rios/sdk/p2p/stream-socket';
import { TUNNEL, tunnelReplySchema } from '@rios/sdk/schema/container';
import type { RawStream } from '@rios/sdk/wire/byte-stream';
import type { AppTarget } from './app-routes.ts';
import type { DirectTunnels, Expected } from './direct-tunnels.ts';

/** Opens a connection to a container's declared port, through its worker. Throws PEER_*, NOT_FOUND. */
export type OpenTunnel = (target: AppTarget, port: number) => Promise<Duplex>;

export interface TunnelModules {
  /** A stream to a worker's /rios/tunnel/1. */
  readonly openStream: (workerId: string) => Promise<RawStream>;
  readonly direct?: Pick<DirectTunnels, 'expect'>;
}

/**
 * Tunnels are asked for over the connection that the worker opened, so it may stand behind a NAT. Where it reaches
 * this host it brings the bytes by TLS of its own; else the stream that it was asked on carries them.
 */
export function createTunnels({ openStream, direct }: TunnelModules): OpenTunnel {
  return async ({ replicaId, workerId }, port) => {
    const socket = new StreamSocket(await openStream(workerId));
    const expected = direct?.expect();
    let tunnel: Duplex | undefined;
    try {
      const offered = expected === undefined ? {} : { direct: expected.offer };
      writeMessage(socket, { replicaId, port, ...offered });
      tunnel = await readReply(socket, expected);
      return tunnel;
    } finally {
      if (tunnel === undefined || tunnel === socket) expected?.cancel();
      if (tunnel !== socket) {
        // whoever lost a connection hears of it by its close
        socket.on('error', () => {});
        socket.destroy();
      }
    }
  };
}

async function readReply(socket: StreamSocket, expected: Expected | undefined): Promise<Duplex> {
  const signal = AbortSignal.timeout(TUNNEL.timeoutMs);
  const reply = await readMessage(socket, tunnelReplySchema, { maxBytes: TUNNEL.maxRequestBytes, signal });
  if ('error' in reply) throw fromErrorBody(reply.error, 'PEER_PROTOCOL');
  return reply.direct && expected !== undefined ? await expected.arrival(TUNNEL.timeoutMs) : socket;
}
