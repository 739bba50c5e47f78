import { systemClock } from '@rios/sdk/clock';
import { RiosError, toErrorBody, toRiosError } from '@rios/sdk/errors/error';
import type { Log } from '@rios/sdk/log';
import type { Peer } from '@rios/sdk/p2p/peer';
import { readMessage, writeMessage } from '@rios/sdk/p2p/socket-message';
import { StreamSocket } from '@rios/sdk/p2p/stream-socket';
import { type DirectOffer, TUNNEL, tunnelRequestSchema } from '@rios/sdk/schema/container';
import type { RawStream } from '@rios/sdk/wire/byte-stream';
import { connectToApp } from './app-connection.ts';
import { type BringDirect, createBringDirect } from './bring-direct.ts';
import type { Containers } from './contract.ts';

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
  const bringDirect = createBringDirect(systemClock);
  const onStream = (stream: RawStream, peerId: string, remoteHost: string) => {
    if (!modules.isOrchestrator(peerId))
      return stream.abort(new RiosError('AUTH_FORBIDDEN', 'only an orchestrator gets a tunnel'));
    const socket = new StreamSocket(stream);
    const bring = (offer: DirectOffer) => bringDirect(remoteHost, offer);
    serve(modules, socket, bring).catch((error: unknown) => {
      modules.log.debug('no tunnel', { peerId, error: String(error) });
      socket.destroy();
    });
  };
  await modules.peer.serveStreams(TUNNEL, onStream);
}

async function serve(
  { portOf }: TunnelModules,
  socket: StreamSocket,
  bring: (offer: DirectOffer) => ReturnType<BringDirect>,
): Promise<void> {
  // whoever lost a connection hears of it by its close
  socket.on('error', () => {});
  const signal = AbortSignal.timeout(TUNNEL.timeoutMs);
  const limits = { maxBytes: TUNNEL.maxRequestBytes, signal };
  const { replicaId, port, direct: offer } = await readMessage(socket, tunnelRequestSchema, limits);
  try {
    const address = portOf(replicaId, port);
    if (address === undefined)
      throw new RiosError('NOT_FOUND', `no container ${replicaId} with the port ${port} runs here`);
    const app = await connectToApp(address, signal);
    const direct = offer && (await bring(offer));
    writeMessage(socket, { ok: true, direct: direct !== undefined });
    app.join(direct ?? socket);
    if (direct !== undefined) socket.end();
  } catch (error) {
    const { code, message } = toErrorBody(error);
    writeMessage(socket, { error: { code, message: message.slice(0, 300) } });
    socket.end();
    throw toRiosError(error);
  }
}
