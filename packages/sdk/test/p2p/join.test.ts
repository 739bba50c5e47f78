import assert from 'node:assert/strict';
import { multiaddr } from '@multiformats/multiaddr';
import { toBase64url } from '../../src/crypto/hash.ts';
import { createIdentity } from '../../src/crypto/identity.ts';
import { createInviteText, parseInvite, secretHashOf } from '../../src/crypto/invite.ts';
import { createNetworkKey, issueCertificate } from '../../src/crypto/network.ts';
import { RiosError } from '../../src/errors/error.ts';
import { silentLog } from '../../src/log.ts';
import { type JoinRequest, type JoinService, join, serveJoin } from '../../src/p2p/join.ts';
import type { Peer } from '../../src/p2p/peer.ts';
import type { ByteStream } from '../../src/wire/byte-stream.ts';
import { DATA, JOIN, Method } from '../../src/wire/methods.ts';
import { payload } from '../../src/wire/payload.ts';
import { createFakeClock, type FakeClock } from '../wire/fake-clock.ts';
import { addressOf, startHost, startPeer, until } from './start-peer.ts';

/** An orchestrator with one invite, bound to the first peer that uses it. */
class Door {
  readonly network = createNetworkKey();
  readonly identity = createIdentity();
  readonly clock: FakeClock = createFakeClock();
  readonly members = new Set<string>();
  readonly asked: JoinRequest[] = [];
  readonly bound = new Map<string, string>();
  revoked = false;
  certificate: JoinService['certificate'] = () =>
    issueCertificate(this.network, this.identity.peerId, this.clock.now(), 60_000);
  private peer: Peer | undefined;

  async open(): Promise<Peer> {
    this.peer = await startPeer({
      identity: this.identity,
      accept: (peerId) => this.members.has(peerId),
      clock: this.clock,
    });
    await this.peer.serve(DATA, { [Method.experts]: async () => payload({ secret: true }) });
    await serveJoin(this.peer, {
      certificate: () => this.certificate(),
      admit: async (peerId, request) => this.admit(peerId, request),
      clock: this.clock,
      log: silentLog,
    });
    return this.peer;
  }

  invite(expiresInMs = 60_000, addresses = this.peer?.addresses ?? []) {
    const { text, secretHash } = createInviteText({
      networkKey: toBase64url(this.network.publicKey),
      inviteId: 'inv_0123456789abc',
      addresses,
      expiresAt: this.clock.now() + expiresInMs,
    });
    this.secretHash = secretHash;
    this.expiresAt = this.clock.now() + expiresInMs;
    return parseInvite(text, this.clock.now());
  }
  private secretHash = '';
  private expiresAt = 0;

  private admit(peerId: string, request: JoinRequest) {
    this.asked.push(request);
    if (secretHashOf(request.secret) !== this.secretHash)
      throw new RiosError('AUTH_INVITE_INVALID', 'no such invite');
    if (this.revoked) throw new RiosError('AUTH_INVITE_REVOKED', 'the invite was revoked');
    if (this.expiresAt <= this.clock.now())
      throw new RiosError('AUTH_INVITE_EXPIRED', 'the invite has expired');
    const holder = this.bound.get(request.inviteId) ?? peerId;
    if (holder !== peerId) throw new RiosError('AUTH_INVITE_USED', 'the invite was used by another peer');
    this.bound.set(request.inviteId, peerId);
    this.members.add(peerId);
    return { addresses: this.peer?.addresses ?? [] };
  }

  async close() {
    await this.peer?.stop();
  }
}

describe('join', () => {
  let door: Door;
  let orchestrator: Peer;
  let worker: Peer;
  beforeEach(async () => {
    door = new Door();
    orchestrator = await door.open();
    worker = await startPeer({ listen: [] });
  });
  afterEach(async () => {
    await worker.stop();
    await door.close();
  });
  const joinNow = (invite: ReturnType<Door['invite']>, peer = worker) => join(peer, invite, door.clock.now());

  it('default: a stranger with an invite becomes a member, and may then open the data protocol', async () => {
    const before = worker.connect(addressOf(orchestrator), DATA);
    await assert.rejects(before, { code: 'PEER_UNREACHABLE' });

    const membership = await joinNow(door.invite());
    const link = await worker.connect(addressOf(orchestrator), DATA);

    assert.deepEqual(membership, {
      networkId: door.network.networkId,
      networkKey: toBase64url(door.network.publicKey),
      addresses: orchestrator.addresses,
    });
    assert.ok((await link.ping(5_000)) > 0);
  });

  it('behaviour: the same peer may use its invite again', async () => {
    const invite = door.invite();
    await joinNow(invite);
    assert.equal((await joinNow(invite)).networkId, door.network.networkId);
  });

  it('behaviour: addresses that do not answer are passed over', async () => {
    const invite = door.invite(60_000, ['/ip4/127.0.0.1/tcp/1', ...orchestrator.addresses]);
    assert.equal((await joinNow(invite)).networkId, door.network.networkId);
  });

  it('error PEER_UNREACHABLE: no address answers', async () => {
    await assert.rejects(joinNow(door.invite(60_000, ['/ip4/127.0.0.1/tcp/1'])), {
      code: 'PEER_UNREACHABLE',
    });
  });

  it('error AUTH_INVITE_USED: another peer used it first', async () => {
    const invite = door.invite();
    const first = await startPeer({ listen: [] });
    await joinNow(invite, first);

    await assert.rejects(joinNow(invite), { code: 'AUTH_INVITE_USED' });
    await first.stop();
  });

  it('error AUTH_INVITE_REVOKED: it was taken back', async () => {
    const invite = door.invite();
    door.revoked = true;
    await assert.rejects(joinNow(invite), { code: 'AUTH_INVITE_REVOKED' });
  });

  it('error AUTH_INVITE_EXPIRED: at either end', async () => {
    const invite = door.invite(1_000);
    const issuedAt = door.clock.now();
    door.clock.advance(1_000);

    await assert.rejects(joinNow(invite), { code: 'AUTH_INVITE_EXPIRED' });
    assert.equal(door.asked.length, 0, 'not even asked');
    await assert.rejects(join(worker, invite, issuedAt), { code: 'AUTH_INVITE_EXPIRED' });
    assert.equal(door.asked.length, 1);
  });

  it('error AUTH_INVITE_INVALID: another secret', async () => {
    const invite = { ...door.invite(), secret: toBase64url(new Uint8Array(32)) };
    await assert.rejects(joinNow(invite), { code: 'AUTH_INVITE_INVALID' });
  });

  it('error AUTH_INVITE_FOREIGN: another network answers; it never sees the secret', async () => {
    const foreign = toBase64url(createNetworkKey().publicKey);
    await assert.rejects(joinNow({ ...door.invite(), networkKey: foreign }), { code: 'AUTH_INVITE_FOREIGN' });
    assert.deepEqual(door.asked, []);
  });

  it('error AUTH_PEER_UNKNOWN: a certificate of another peer, or out of time; the secret stays', async () => {
    const certificates = [
      () => issueCertificate(door.network, createIdentity().peerId, door.clock.now(), 60_000),
      () => issueCertificate(door.network, door.identity.peerId, door.clock.now() - 60_000, 1_000),
    ];
    for (const certificate of certificates) {
      door.certificate = certificate;
      await assert.rejects(joinNow(door.invite()), { code: 'AUTH_PEER_UNKNOWN' });
    }
    assert.deepEqual(door.asked, []);
  });

  it('error BUG_UNEXPECTED: a fault of the orchestrator crosses without its text', async () => {
    const invite = door.invite();
    door.bound.get = () => {
      throw new Error('secret table invites_v1');
    };
    await assert.rejects(joinNow(invite), (error: RiosError) => {
      assert.equal(error.code, 'BUG_UNEXPECTED');
      assert.doesNotMatch(error.message, /secret/);
      return true;
    });
  });

  describe('hostile stranger', () => {
    const openJoin = () => worker.openOnce(orchestrator.addresses[0] ?? '', JOIN.id, 5_000);
    const ended = (stream: ByteStream) =>
      new Promise<void>((resolve) => {
        stream.listen(
          () => {},
          () => resolve(),
        );
      });
    /** The door lives on, and nobody came in. */
    const assertUnharmed = async () => {
      assert.equal(door.members.has(worker.peerId), false);
      const other = await startPeer({ listen: [] });
      assert.ok(await joinNow(door.invite(), other));
      await other.stop();
    };

    it('behaviour: silence ends after 2 s', async () => {
      const { stream } = await openJoin();
      const over = ended(stream);

      door.clock.advance(JOIN.timeoutMs);

      await over;
      await assertUnharmed();
    });

    it('behaviour: a connection without any stream ends after 2 s', async () => {
      const host = await startHost();
      const connection = await host.dial(multiaddr(orchestrator.addresses[0] ?? ''));
      await until(() => orchestrator.isConnected(host.peerId.toString()));
      const over = new Promise((resolve) => connection.addEventListener('close', resolve));

      door.clock.advance(JOIN.timeoutMs - 1);
      assert.equal(orchestrator.isConnected(host.peerId.toString()), true);
      door.clock.advance(1);

      await over;
      await host.stop();
      await assertUnharmed();
    });

    it('behaviour: a second join stream costs the connection', async () => {
      const host = await startHost();
      const connection = await host.dial(multiaddr(orchestrator.addresses[0] ?? ''));
      const over = new Promise((resolve) => connection.addEventListener('close', resolve));
      await connection.newStream(JOIN.id);

      await connection.newStream(JOIN.id).catch(() => {});

      await over;
      assert.equal(orchestrator.isConnected(host.peerId.toString()), false);
      await host.stop();
      await assertUnharmed();
    });

    it('behaviour: the data protocol costs the connection', async () => {
      const opening = worker.openOnce(orchestrator.addresses[0] ?? '', DATA.id, 5_000);
      const opened = await opening.catch(() => undefined);
      if (opened !== undefined) await ended(opened.stream);

      assert.equal(orchestrator.isConnected(worker.peerId), false);
      await assertUnharmed();
    });

    it('behaviour: 5 KiB are not read', async () => {
      const { stream } = await openJoin();
      const over = ended(stream);
      const request = Buffer.alloc(5 * 1024, ' ');
      request.writeUInt32LE(request.length - 4);

      stream.send(request);

      await over;
      assert.deepEqual(door.asked, []);
      await assertUnharmed();
    });

    it('behaviour: a length of 4 GB, bytes that are no JSON, and JSON of another form are not acted on', async () => {
      const framed = (text: string) => {
        const bytes = Buffer.alloc(4 + text.length);
        bytes.writeUInt32LE(text.length);
        bytes.write(text, 4);
        return bytes;
      };
      const messages = [
        Buffer.from([255, 255, 255, 255, 1]),
        framed('{'),
        framed('{"inviteId":1}'),
        framed('[]'),
      ];
      for (const message of messages) {
        const { stream } = await openJoin();
        const over = ended(stream);
        stream.send(message);
        await over;
      }
      assert.deepEqual(door.asked, []);
      await assertUnharmed();
    });

    it('behaviour: one address gets 30 connections at once, then two a second; members are not counted', async () => {
      const member = await startPeer({ listen: [] });
      await joinNow(door.invite(), member);
      let letIn = 0;
      for (let i = 0; i < 34; i++) {
        const opened = await openJoin().catch(() => undefined);
        if (opened === undefined) continue;
        letIn++;
        await opened.close();
      }

      assert.equal(letIn, 29);
      assert.ok(await member.connect(addressOf(orchestrator), DATA));
      door.clock.advance(1_000);
      await (await openJoin()).close();
      await member.stop();
    });
  });
});
