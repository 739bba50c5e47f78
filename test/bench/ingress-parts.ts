import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { systemClock } from '@rios/sdk/clock';
import { createIdentity } from '@rios/sdk/crypto/identity';
import { silentLog } from '@rios/sdk/log';
import { createPeer, type Peer } from '@rios/sdk/p2p/peer';
import { TUNNEL } from '@rios/sdk/schema/container';
import type { PeerAddress } from '@rios/sdk/schema/worker';
import { createIngress } from '../../packages/orchestrator/src/ingress/create-ingress.ts';
import { createDirectTunnels } from '../../packages/orchestrator/src/ingress/direct-tunnels.ts';
import { createFigures } from '../../packages/orchestrator/src/ingress/figures.ts';
import { createTunnels } from '../../packages/orchestrator/src/ingress/open-tunnel.ts';
import { serveTunnels } from '../../packages/worker/src/container/tunnel-server.ts';

/** The parts between a visitor and an application, each to run in a process of its own. */

const REPLICA = 'rep_bench00000';
const PIECE_BYTES = 64 * 1024;

/** `/bytes/<n>` answers with so many bytes, anything else with `ok`. Resolves with its port. */
export async function startApp(): Promise<number> {
  const piece = Buffer.alloc(PIECE_BYTES, 7);
  const server = createServer((request, response) => {
    const sizeBytes = Number(/^\/bytes\/(\d+)$/.exec(request.url ?? '')?.[1] ?? 0);
    if (sizeBytes === 0) return void response.end('ok');
    response.writeHead(200, { 'content-length': sizeBytes });
    let left = sizeBytes;
    const send = () => {
      while (left > 0) {
        const bytes = left < piece.length ? piece.subarray(0, left) : piece;
        left -= bytes.length;
        if (!response.write(bytes)) return void response.once('drain', send);
      }
      response.end();
    };
    send();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

const startPeer = async (listen: readonly string[]): Promise<Peer> => {
  const peer = await createPeer({ identity: createIdentity(), listen, accept: () => true, log: silentLog });
  await peer.start();
  return peer;
};

/** A worker with one container, whose port 8080 is that port here. Resolves with where it is reached. */
export async function startWorker(appPort: number): Promise<PeerAddress> {
  const peer = await startPeer(['/ip4/127.0.0.1/tcp/0']);
  const at = { host: '127.0.0.1', port: appPort };
  await serveTunnels({
    peer,
    portOf: (replicaId, port) => (replicaId === REPLICA && port === 8080 ? at : undefined),
    isOrchestrator: () => true,
    log: silentLog,
  });
  return { peerId: peer.peerId, addresses: peer.addresses };
}

/** Ingress for `hello.localhost`. Resolves with its port. */
export async function startIngress(worker: PeerAddress, overStream: boolean): Promise<number> {
  const peer = await startPeer([]);
  const direct = createDirectTunnels({ host: '127.0.0.1', port: 0 }, { log: silentLog });
  await direct.start();
  const target = { replicaId: REPLICA, workerId: worker.peerId };
  const route = {
    ...{ deploymentId: 'dep_bench00000', accountId: 'acc_bench00000', port: 8080, targets: [target] },
    ...({ access: 'public', state: 'ready' } as const),
  };
  const server = createIngress(
    { host: '127.0.0.1', port: 0, domain: 'localhost' },
    {
      routes: { find: () => route, wake: () => {} },
      openTunnel: createTunnels({
        openStream: () => peer.openStream(worker, TUNNEL.id, TUNNEL.timeoutMs),
        ...(overStream ? {} : { direct }),
      }),
      checkAccess: async () => {},
      isOurs: () => false,
      figures: createFigures(systemClock),
      clock: systemClock,
      log: silentLog,
    },
  );
  return Number(new URL(await server.start()).port);
}
