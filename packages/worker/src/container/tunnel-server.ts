import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { RiosError, toErrorBody, toRiosError } from '@rios/sdk/errors/error';
import type { Log } from '@rios/sdk/log';
import { joinSockets } from '@rios/sdk/p2p/join-sockets';
import type { Peer } from '@rios/sdk/p2p/peer';
import { readMessage, writeMessage } from '@rios/sdk/p2p/socket-message';
import { StreamSocket } from '@rios/sdk/p2p/stream-socket';
import { TUNNEL, tunnelRequestSchema } from '@rios/sdk/schema/container';
import type { RawStream } from '@rios/sdk/wire/byte-stream';
import type { Containers, PortAddress } from './contract.ts';

export interface TunnelModules {
  readonly peer: Pick<Peer, 'serveStreams'>;
  /** Where a container's declared port is; undefined for any other one. */
  readonly portOf: Containers['portOf'];
  /** Whether a peer is an orchestrator of this worker's network: nobody else gets a tunnel. */
  readonly isOrchestrator: (peerId: string) => boolean;
  readonly log: Log;
}

/** Serves /rios/tunnel/1: joins each stream of an orchestrator to a declared port of a container that runs here. */
export async function serveTunnels(modules: TunnelModules): Promise<void> {
  const onStream = (stream: RawStream, peerId: string) => {
    if (!modules.isOrchestrator(peerId))
      return stream.abort(new RiosError('AUTH_FORBIDDEN', 'only an orchestrator gets a tunnel'));
    const socket = new StreamSocket(stream);
    serve(modules, socket).catch((error: unknown) => {
      modules.log.debug('no tunnel', { peerId, error: String(error) });
      socket.destroy();
    });
  };
  await modules.peer.serveStreams(TUNNEL, onStream);
}

async function serve({ portOf }: TunnelModules, socket: StreamSocket): Promise<void> {
  // whoever lost a connection hears of it by its close
  socket.on('error', () => {});
  const signal = AbortSignal.timeout(TUNNEL.timeoutMs);
  const limits = { maxBytes: TUNNEL.maxRequestBytes, signal };
  const { replicaId, port } = await readMessage(socket, tunnelRequestSchema, limits);
  try {
    const address = portOf(replicaId, port);
    if (address === undefined)
      throw new RiosError('NOT_FOUND', `no container ${replicaId} with the port ${port} runs here`);
    const app = await connectTo(address, signal);
    writeMessage(socket, { ok: true });
    joinSockets(socket, app);
  } catch (error) {
    const { code, message } = toErrorBody(error);
    writeMessage(socket, { error: { code, message: message.slice(0, 300) } });
    socket.end();
    throw toRiosError(error);
  }
}

/** Connects to a port of a container. Throws PEER_UNREACHABLE. */
async function connectTo({ host, port }: PortAddress, signal: AbortSignal): Promise<Socket> {
  const socket = connect({ host, port, noDelay: true });
  try {
    await once(socket, 'connect', { signal });
    return socket;
  } catch (cause) {
    socket.destroy();
    throw new RiosError('PEER_UNREACHABLE', 'the container does not take connections on its port', { cause });
  }
}
