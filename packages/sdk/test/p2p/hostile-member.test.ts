import assert from 'node:assert/strict';
import type { Connection } from '@libp2p/interface';
import { multiaddr } from '@multiformats/multiaddr';
import type { Peer } from '../../src/p2p/peer.ts';
import type { Link } from '../../src/wire/link.ts';
import { DATA, Method } from '../../src/wire/methods.ts';
import { payload } from '../../src/wire/payload.ts';
import { addressOf, startHost, startPeer } from './start-peer.ts';

const soon = { deadlineMs: 10_000 };

/** A header of version 1 that announces a meta of 4 GB. */
const hugeHeader = () =>
  Uint8Array.from([1, 1, 21, 0, 1, ...new Array(15).fill(0), 255, 255, 255, 255, ...new Array(40).fill(0)]);

describe('peer, hostile member', () => {
  let far: Peer;
  let hostile: Peer;
  let honest: Peer;
  let links: Link[];
  let onLink: (link: Link) => void;
  beforeEach(async () => {
    [far, hostile, honest] = await Promise.all([
      startPeer(),
      startPeer({ listen: [] }),
      startPeer({ listen: [] }),
    ]);
    links = [];
    onLink = (link) => links.push(link);
    await far.serve(DATA, { [Method.experts]: async ({ body }) => payload({}, body) }, (link) =>
      onLink(link),
    );
  });
  afterEach(async () => {
    await Promise.all([far.stop(), hostile.stop(), honest.stop()]);
  });

  const openRaw = async () => {
    const arrived = new Promise<Link>((resolve) => {
      onLink = resolve;
    });
    const raw = await hostile.openOnce(far.addresses[0] ?? '', DATA.id, 5_000);
    const ended = new Promise<void>((resolve) =>
      raw.stream.listen(
        () => {},
        () => resolve(),
      ),
    );
    return { stream: raw.stream, arrived, ended };
  };

  for (const [what, code, bytes] of [
    ['a header that announces 4 GB', 'PEER_PROTOCOL', hugeHeader()],
    ['garbage', 'PEER_PROTOCOL', new Uint8Array(10_000).map((_, i) => (i * 7919) % 256)],
    ['zeros', 'PEER_PROTOCOL', new Uint8Array(64)],
  ] as const) {
    it(`error ${code}: ${what}; the others are served on`, async () => {
      const good = await honest.connect(addressOf(far), DATA);
      const { stream, arrived, ended } = await openRaw();

      stream.send(bytes);

      const reason = await (await arrived).whenClosed;
      assert.equal((reason as { code?: string }).code, code);
      await ended;
      assert.equal((await good.request(Method.experts, payload({}, Uint8Array.of(1)), soon)).body[0], 1);
    });
  }

  it('error PEER_LOST: it leaves in the middle of a frame; the others are served on', async () => {
    const good = await honest.connect(addressOf(far), DATA);
    const { stream, arrived } = await openRaw();

    stream.send(hugeHeader().subarray(0, 30));
    const link = await arrived;
    await hostile.stop();

    assert.equal(((await link.whenClosed) as { code?: string }).code, 'PEER_LOST');
    assert.equal((await good.request(Method.experts, payload({}, Uint8Array.of(1)), soon)).body[0], 1);
  });

  it('behaviour: it gets as many streams as the protocol allows, and eight connections', async () => {
    const host = await startHost();
    const target = multiaddr(far.addresses[0] ?? '');

    const dials = Array.from({ length: 12 }, () => host.dial(target, { force: true }));
    await Promise.allSettled(dials);
    const connections: Connection[] = [];
    for (let i = 0; i < 12; i++) {
      const connection = await host.dial(target, { force: true }).catch(() => undefined);
      if (connection !== undefined) connections.push(connection);
    }
    const streams = connections.flatMap((connection) =>
      Array.from({ length: 8 }, () => connection.newStream(DATA.id)),
    );
    await Promise.allSettled(streams);
    const good = await honest.connect(addressOf(far), DATA);

    assert.ok((await good.ping(5_000)) > 0);
    const kept = links.filter(({ peerId, closed }) => peerId === host.peerId.toString() && !closed).length;
    assert.ok(kept > 0 && kept <= 8 * DATA.maxInboundStreams, `${kept} links`);
    await host.stop();
  });
});
