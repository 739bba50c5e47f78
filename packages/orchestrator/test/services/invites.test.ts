import { parseInvite } from '@rios/sdk/crypto/invite';
import { createNetworkKey } from '@rios/sdk/crypto/network';
import { expect } from 'chai';
import { createInvites, type Invites } from '../../src/services/invites.ts';
import { listEvents } from '../../src/store/events.ts';
import { expelMember, getMember } from '../../src/store/members.ts';
import type { Store } from '../../src/store/store.ts';
import { expectError } from '../support/expect-error.ts';
import { createManualClock, type ManualClock } from '../support/manual-clock.ts';
import { openMemoryStore, peerIdOf } from '../support/seed-store.ts';

const DAY = 86_400_000;
const ADDRESS = `/ip4/127.0.0.1/tcp/7071/p2p/${peerIdOf(9)}`;

describe('invites', () => {
  let store: Store;
  let clock: ManualClock;
  let invites: Invites;
  const networkKey = createNetworkKey();
  beforeEach(async () => {
    store = await openMemoryStore();
    clock = createManualClock();
    invites = createInvites({
      store,
      clock,
      networkKey: networkKey.publicKey,
      addresses: () => [ADDRESS],
    });
  });
  afterEach(() => store.destroy());

  /** A new invite, as the worker that holds it sees it. */
  async function anInvite(maxUses = 1) {
    const { text, view } = await invites.create({ ttlMs: DAY, maxUses });
    const { inviteId, secret } = parseInvite(text, clock.now());
    const redeem = (peer: number) => invites.redeem({ inviteId, secret, peerId: peerIdOf(peer) });
    return { text, view, inviteId, secret, redeem };
  }

  it('default: an invite holds the network key and addresses, and lets one peer in', async () => {
    const invite = await anInvite();
    const read = parseInvite(invite.text, clock.now());
    expect(read.addresses).to.deep.equal([ADDRESS]);
    expect(Buffer.from(read.networkKey, 'base64url').equals(networkKey.publicKey)).to.equal(true);

    await invite.redeem(1);
    expect(await getMember(store, peerIdOf(1))).to.include({ invite_id: invite.inviteId, expelled_at: null });
    expect((await invites.list())[0]).to.deep.include({ state: 'used', usedBy: [peerIdOf(1)] });
    expect((await listEvents(store, 9))[0]).to.include({ kind: 'member.joined', subject: peerIdOf(1) });
  });

  it('behaviour: the store never sees the secret', async () => {
    const { secret, inviteId } = await anInvite();

    const row = await store.selectFrom('invites').selectAll().where('id', '=', inviteId).executeTakeFirst();
    expect(JSON.stringify(row)).to.not.contain(secret);
  });

  it('behaviour: the same peer may use it again', async () => {
    const invite = await anInvite();
    await invite.redeem(1);
    await invite.redeem(1);

    expect(await listEvents(store, 9)).to.have.length(1);
  });

  it('error AUTH_INVITE_USED: it is bound to the first peer, even when two come at once', async () => {
    const invite = await anInvite();
    const outcomes = await Promise.allSettled([1, 2, 3, 4].map((peer) => invite.redeem(peer)));

    expect(outcomes.filter(({ status }) => status === 'fulfilled')).to.have.length(1);
    await expectError(invite.redeem(5), 'AUTH_INVITE_USED');
    expect((await invites.list())[0]?.usedBy).to.have.length(1);
  });

  it('option maxUses: so many peers and no more', async () => {
    const invite = await anInvite(2);
    await invite.redeem(1);
    expect((await invites.list())[0]?.state).to.equal('open');
    await invite.redeem(2);

    await expectError(invite.redeem(3), 'AUTH_INVITE_USED');
  });

  it('error AUTH_INVITE_EXPIRED', async () => {
    const invite = await anInvite();
    clock.advance(DAY);

    await expectError(invite.redeem(1), 'AUTH_INVITE_EXPIRED');
    expect((await invites.list())[0]?.state).to.equal('expired');
    expect(await getMember(store, peerIdOf(1))).to.equal(undefined);
  });

  it('error AUTH_INVITE_REVOKED: nobody joins by it any more; who joined stays', async () => {
    const invite = await anInvite(5);
    await invite.redeem(1);
    expect(await invites.revoke(invite.inviteId)).to.include({ state: 'revoked' });

    await expectError(invite.redeem(2), 'AUTH_INVITE_REVOKED');
    expect(await getMember(store, peerIdOf(1))).to.include({ expelled_at: null });
  });

  it('error AUTH_INVITE_INVALID: an unknown id, a wrong secret, a secret of odd length', async () => {
    const { inviteId, secret } = await anInvite();
    const peerId = peerIdOf(1);

    await expectError(
      invites.redeem({ inviteId: 'inv_unknown00000', secret, peerId }),
      'AUTH_INVITE_INVALID',
    );
    const wrong = Buffer.alloc(32, 7).toString('base64url');
    await expectError(invites.redeem({ inviteId, secret: wrong, peerId }), 'AUTH_INVITE_INVALID');
    await expectError(invites.redeem({ inviteId, secret: '', peerId }), 'AUTH_INVITE_INVALID');
  });

  it('error AUTH_INVITE_USED: a peer that was expelled needs a new invite', async () => {
    const first = await anInvite();
    await first.redeem(1);
    await expelMember(store, peerIdOf(1), clock.now());

    await expectError(first.redeem(1), 'AUTH_INVITE_USED');
    const second = await anInvite();
    await second.redeem(1);
    expect(await getMember(store, peerIdOf(1))).to.include({ expelled_at: null, invite_id: second.inviteId });
  });

  it('error NOT_FOUND: revoking what never was', async () => {
    await expectError(invites.revoke('inv_unknown00000'), 'NOT_FOUND');
  });
});
