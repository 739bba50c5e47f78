import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { type AddressInfo, connect as connectTcp } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { createIdentity } from '@rios/sdk/crypto/identity';
import { silentLog } from '@rios/sdk/log';
import { DIRECT_TLS } from '@rios/sdk/p2p/direct-tls';
import { createPeer, type Peer } from '@rios/sdk/p2p/peer';
import { StreamSocket } from '@rios/sdk/p2p/stream-socket';
import { TUNNEL } from '@rios/sdk/schema/container';
import {
  createDirectTunnels,
  type DirectTunnels,
} from '../../packages/orchestrator/src/ingress/direct-tunnels.ts';
import { createTunnels } from '../../packages/orchestrator/src/ingress/open-tunnel.ts';
import { serveTunnels } from '../../packages/worker/src/container/tunnel-server.ts';
import { runScript } from '../support/run-script.ts';

const REPLICA = 'rep_tunnel0000';
const MIB = 1024 * 1024;

describe('tunnels to containers', () => {
  const peers: Peer[] = [];
  let app: Server;
  let onRequest: RequestListener;
  let worker: Peer;
  let orchestrator: Peer;
  let direct: DirectTunnels;

  const startPeer = async (listen: readonly string[]) => {
    const peer = await createPeer({ identity: createIdentity(), listen, accept: () => true, log: silentLog });
    await peer.start();
    peers.push(peer);
    return peer;
  };
  const streamTo = (peer: Peer) => () =>
    peer.openStream({ peerId: worker.peerId, addresses: worker.addresses }, TUNNEL.id, TUNNEL.timeoutMs);
  const target = () => ({ replicaId: REPLICA, workerId: worker.peerId });

  beforeEach(async () => {
    app = createServer((request, response) => onRequest(request, response));
    await once(app.listen(0, '127.0.0.1'), 'listening');
    const { port: appPort } = app.address() as AddressInfo;
    worker = await startPeer(['/ip4/127.0.0.1/tcp/0']);
    orchestrator = await startPeer([]);
    direct = createDirectTunnels({ host: '127.0.0.1', port: 0 }, { log: silentLog });
    await direct.start();
    await serveTunnels({
      peer: worker,
      portOf: (id, port) =>
        id === REPLICA && port === 8080 ? { host: '127.0.0.1', port: appPort } : undefined,
      isOrchestrator: (peerId) => peerId === orchestrator.peerId,
      log: silentLog,
    });
  });
  afterEach(async () => {
    app.closeAllConnections();
    app.close();
    await direct.stop();
    for (const peer of peers.splice(0)) await peer.stop();
  });

  for (const way of ['tls', 'stream'] as const) {
    it(`default: bytes pass both ways by ${way}`, async () => {
      onRequest = (request, response) => request.pipe(response);
      const open = createTunnels({
        openStream: streamTo(orchestrator),
        ...(way === 'tls' ? { direct } : {}),
      });
      const sent = Buffer.from(Array.from({ length: 3 * MIB }, (_, i) => i % 251));

      const tunnel = await open(target(), 8080);
      assert.equal(tunnel instanceof StreamSocket, way === 'stream');
      tunnel.write(
        `POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: ${sent.length}\r\n\r\n`,
      );
      tunnel.write(sent);
      const pieces: Buffer[] = [];
      for await (const piece of tunnel) pieces.push(piece);

      const answer = Buffer.concat(pieces);
      assert.ok(answer.subarray(0, 12).equals(Buffer.from('HTTP/1.1 200')));
      assert.ok(answer.includes(sent.subarray(0, 1000)));
    });
  }

  it('behaviour: a worker that does not reach the port for tunnels uses the stream it was asked on', async () => {
    onRequest = (_, response) => response.end('ok');
    const offer = { port: await closedPort(), id: 'ab'.repeat(16), key: 'A'.repeat(43) };
    const expect = () => ({ offer, arrival: () => assert.fail('nobody comes'), cancel: () => {} });
    const open = createTunnels({ openStream: streamTo(orchestrator), direct: { expect } });

    const tunnel = await open(target(), 8080);

    assert.ok(tunnel instanceof StreamSocket);
    tunnel.destroy();
  });

  it('error NOT_FOUND: a port that the container did not declare, or another container', async () => {
    const open = createTunnels({ openStream: streamTo(orchestrator), direct });

    await assert.rejects(open(target(), 22), { code: 'NOT_FOUND' });
    await assert.rejects(open({ ...target(), replicaId: 'rep_other00000' }, 8080), { code: 'NOT_FOUND' });
  });

  it('error PEER_UNREACHABLE: a container that takes no connections', async () => {
    app.close();
    const open = createTunnels({ openStream: streamTo(orchestrator), direct });

    await assert.rejects(open(target(), 8080), { code: 'PEER_UNREACHABLE' });
  });

  it('behaviour: a member that is no orchestrator gets no tunnel', async () => {
    let asked = 0;
    onRequest = () => {
      asked += 1;
    };
    const open = createTunnels({ openStream: streamTo(await startPeer([])) });

    await assert.rejects(open(target(), 8080));
    assert.equal(asked, 0);
  });

  it('behaviour: a visitor that leaves ends the connection to the container', async () => {
    const gone = Promise.withResolvers<void>();
    onRequest = (request) => request.on('close', () => gone.resolve());
    const open = createTunnels({ openStream: streamTo(orchestrator), direct });

    const tunnel = await open(target(), 8080);
    tunnel.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    await once(app, 'request');
    tunnel.on('error', () => {});
    tunnel.destroy();

    await gone.promise;
  });

  it('behaviour: nobody comes in by the port for tunnels without a key, or by one twice', async () => {
    const expected = direct.expect();
    assert.ok(expected !== undefined);
    const { port, id, key } = expected.offer;
    const dial = (identity: string, psk: Buffer) => {
      const socket = connectTls({
        ...DIRECT_TLS,
        ...{ host: '127.0.0.1', port },
        pskCallback: () => ({ psk, identity }),
        checkServerIdentity: () => undefined,
      });
      return once(socket, 'secureConnect')
        .then(
          () => 'in',
          () => 'out',
        )
        .finally(() => socket.on('error', () => {}).destroy());
    };

    assert.equal(await dial('00'.repeat(16), Buffer.alloc(32)), 'out');
    assert.equal(await dial(id, Buffer.from(key, 'base64url')), 'in');
    assert.equal(await dial(id, Buffer.from(key, 'base64url')), 'out');
    const given = direct.expect();
    assert.ok(given !== undefined);
    given.cancel();
    assert.equal(await dial(given.offer.id, Buffer.from(given.offer.key, 'base64url')), 'out');
    const plain = connectTcp(port, '127.0.0.1');
    plain.on('error', () => {});
    plain.write('GET / HTTP/1.1\r\n\r\n');
    plain.resume();
    await new Promise((resolve) => plain.once('close', resolve));
  });
});

describe('the bench of ingress', () => {
  it('default: it measures both ways, each part in a process of its own', async function () {
    this.timeout(60_000);
    const { stdout, stderr } = await runScript('scripts/bench/ingress.ts', [
      ...['--requests', '20', '--mib', '8', '--rounds', '1'],
    ]);

    const { by, directP50Ms, share } = JSON.parse(stdout);
    assert.equal(by, 'tls', stderr);
    assert.ok(directP50Ms > 0 && share > 0, stdout);
  });
});

/** A port where nothing listens. */
async function closedPort(): Promise<number> {
  const server = createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
