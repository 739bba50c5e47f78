import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { createIdentity } from '../../src/crypto/identity.ts';
import type { Peer, PeerOptions } from '../../src/p2p/peer.ts';
import type { Link } from '../../src/wire/link.ts';
import { BLOB, CONTROL, DATA, Method } from '../../src/wire/methods.ts';
import { payload } from '../../src/wire/payload.ts';
import { addressOf, startPeer } from './start-peer.ts';

const soon = { deadlineMs: 10_000 };

describe('peer', () => {
  let peers: Peer[] = [];
  const start = async (options: Partial<PeerOptions> = {}) => {
    const peer = await startPeer(options);
    peers.push(peer);
    return peer;
  };
  afterEach(async () => {
    await Promise.all(peers.map((peer) => peer.stop()));
    peers = [];
  });

  it('default: its address holds its identity; a link carries a request', async () => {
    const identity = createIdentity();
    const far = await start({ identity });
    const near = await start({ listen: [] });
    await far.serve(DATA, { [Method.experts]: async ({ peerId }) => payload({ peerId }) });

    const link = await near.connect(addressOf(far), DATA);
    const { meta } = await link.request(Method.experts, payload({}), soon);

    assert.equal(far.peerId, identity.peerId);
    assert.match(far.addresses[0] ?? '', new RegExp(`^/ip4/127.0.0.1/tcp/\\d+/p2p/${identity.peerId}$`));
    assert.deepEqual(JSON.parse(new TextDecoder().decode(meta)), { peerId: near.peerId });
    assert.equal(near.isConnected(far.peerId), true);
  });

  it('behaviour: what is announced is told instead of what is listened on', async () => {
    const peer = await start({ announce: ['/ip4/192.0.2.7/tcp/7071'] });
    assert.deepEqual(peer.addresses, [`/ip4/192.0.2.7/tcp/7071/p2p/${peer.peerId}`]);
  });

  it('behaviour: one live link per peer and protocol; concurrent calls share the dial', async () => {
    const far = await start();
    const near = await start({ listen: [] });
    const arrived: Link[] = [];
    await far.serve(DATA, {}, (link) => arrived.push(link));
    await far.serve(BLOB, {});

    const links = await Promise.all(Array.from({ length: 8 }, () => near.connect(addressOf(far), DATA)));
    const again = await near.connect({ peerId: far.peerId, addresses: [] }, DATA);
    const other = await near.connect({ peerId: far.peerId, addresses: [] }, BLOB);

    assert.equal(new Set([...links, again]).size, 1);
    assert.notEqual(other, again);
    assert.equal(arrived.length, 1);
  });

  it('behaviour: a link that the other side opened is used too, with what this side serves', async () => {
    const far = await start();
    const near = await start({ listen: [] });
    const arrived = Promise.withResolvers<Link>();
    await far.serve(CONTROL, {}, arrived.resolve);
    const opened = await near.connect(addressOf(far), CONTROL, {
      handlers: { [Method.drain]: async () => payload({ draining: true }) },
    });

    const found = await far.connect({ peerId: near.peerId, addresses: [] }, CONTROL);
    const { meta } = await found.request(Method.drain, payload({}), soon);

    assert.equal(found, await arrived.promise);
    assert.equal(new TextDecoder().decode(meta), '{"draining":true}');
    assert.equal(opened.closed, false);
  });

  it('behaviour: after a link closed, the next connect opens a new one on the same connection', async () => {
    const far = await start();
    const near = await start({ listen: [] });
    await far.serve(DATA, {});
    const first = await near.connect(addressOf(far), DATA);

    await first.close();
    const second = await near.connect({ peerId: far.peerId, addresses: [] }, DATA);

    assert.notEqual(second, first);
    assert.ok((await second.ping(5_000)) > 0);
  });

  it('behaviour: a peer that went away is noticed, and reached again when it is back', async () => {
    const identity = createIdentity();
    const far = await start({ identity });
    const near = await start({ listen: [] });
    await far.serve(DATA, {});
    const link = await near.connect(addressOf(far), DATA);
    const gone = new Promise<string>((resolve) => near.onDisconnect(resolve));

    await far.stop();
    assert.equal(await gone, far.peerId);
    await link.whenClosed;
    const lost = near.connect({ peerId: far.peerId, addresses: [] }, DATA);
    await assert.rejects(lost, { code: 'PEER_UNREACHABLE' });
    const back = await start({ identity });
    await back.serve(DATA, {});

    assert.ok((await (await near.connect(addressOf(back), DATA)).ping(5_000)) > 0);
  });

  it('behaviour: disconnect closes links and connections at both ends', async () => {
    const far = await start();
    const near = await start({ listen: [] });
    await far.serve(DATA, {});
    const link = await near.connect(addressOf(far), DATA);
    const gone = new Promise<string>((resolve) => far.onDisconnect(resolve));

    await near.disconnect(far.peerId);

    assert.equal(await gone, near.peerId);
    assert.equal(link.closed, true);
    assert.equal(near.isConnected(far.peerId), false);
  });

  it('error PEER_UNREACHABLE: nobody listens; nobody is known; a peer that refuses us; another peer answers', async () => {
    const far = await start();
    const picky = await start({ accept: () => false });
    const near = await start({ listen: [] });
    await picky.serve(DATA, {});
    const absent = createIdentity().peerId;
    const cases = {
      'nobody listens': { peerId: absent, addresses: ['/ip4/127.0.0.1/tcp/1'] },
      'no address': { peerId: absent, addresses: [] },
      refused: addressOf(picky),
      'another peer answers': {
        peerId: absent,
        addresses: far.addresses.map((address) => address.replace(/\/p2p\/.*/, '')),
      },
      'the address names another peer': { peerId: absent, addresses: far.addresses },
      'no address at all': { peerId: absent, addresses: ['/nonsense'] },
      'a protocol that is not served': addressOf(far),
    };
    for (const [what, to] of Object.entries(cases)) {
      await assert.rejects(near.connect(to, DATA), { code: 'PEER_UNREACHABLE' }, what);
      assert.equal(near.isConnected(picky.peerId), false);
    }
  });

  it('error PEER_TIMEOUT: somebody accepts the connection and says nothing', async () => {
    const silent = createServer(() => {}).listen(0, '127.0.0.1');
    await new Promise((resolve) => silent.once('listening', resolve));
    const bound = silent.address();
    const port = typeof bound === 'object' ? bound?.port : undefined;
    const near = await start({ listen: [] });
    const to = { peerId: createIdentity().peerId, addresses: [`/ip4/127.0.0.1/tcp/${port}`] };

    await assert.rejects(near.connect(to, DATA, { timeoutMs: 200 }), { code: 'PEER_TIMEOUT' });
    silent.close();
  });

  it('behaviour: reachability is proved on a fresh connection that leaves the open one alone', async () => {
    const far = await start();
    const near = await start();
    await far.serve(DATA, {});
    const link = await near.connect(addressOf(far), DATA);

    await near.proveReachable(addressOf(far), 5_000);
    await Promise.all([
      near.proveReachable(addressOf(far), 5_000),
      near.proveReachable(addressOf(far), 5_000),
    ]);

    assert.ok((await link.ping(5_000)) > 0);
    assert.equal(near.isConnected(far.peerId), true);
  });

  it('error PEER_UNREACHABLE: connected, but not to be dialled at the address it gives', async () => {
    const far = await start();
    const near = await start({ listen: [] });
    await far.serve(DATA, {}, () => {});
    await near.connect(addressOf(far), DATA);
    const claimed = [
      ['/ip4/127.0.0.1/tcp/1'],
      [],
      far.addresses.map((address) => address.replace(/\/p2p.*/, '')),
    ];

    for (const addresses of claimed) {
      const proof = far.proveReachable({ peerId: near.peerId, addresses }, 2_000);
      await assert.rejects(proof, { code: 'PEER_UNREACHABLE' }, String(addresses));
    }
  });

  it('behaviour: who is no longer accepted opens no new stream, and loses its connection', async () => {
    const members = new Set<string>();
    const far = await start({ accept: (peerId) => members.has(peerId) });
    const near = await start({ listen: [] });
    members.add(near.peerId);
    await far.serve(DATA, {});
    await far.serve(BLOB, {});
    await near.connect(addressOf(far), DATA);

    members.clear();

    const refused = near.connect({ peerId: far.peerId, addresses: [] }, BLOB);
    await assert.rejects(refused, { code: 'PEER_UNREACHABLE' });
    assert.equal(far.isConnected(near.peerId), false);
  });

  it('error CONFLICT_IN_USE: an address that is taken', async () => {
    const first = await start();
    const listen = first.addresses.map((address) => address.replace(/\/p2p\/.*/, ''));
    await assert.rejects(start({ listen }), { code: 'CONFLICT_IN_USE' });
  });

  it('behaviour: stopping twice is as good as once', async () => {
    const peer = await start();
    await peer.stop();
    await peer.stop();
    assert.deepEqual(peer.addresses, []);
  });
});
