import { expect } from 'chai';
import { expelMember } from '../../packages/orchestrator/src/store/members.ts';
import { listPayees } from '../../packages/orchestrator/src/store/payees.ts';
import type { Store } from '../../packages/orchestrator/src/store/store.ts';
import * as bindings from '../../packages/orchestrator/src/store/wallet-bindings.ts';
import * as stakes from '../../packages/orchestrator/src/store/worker-stakes.ts';
import { createMember, PEER } from './store-builders.ts';

const WALLET = (index: number) => `0x${String(index).padStart(40, '0')}`;

function aBinding(over: Partial<bindings.StoredBinding> = {}) {
  const statement = { payload: 'cGF5', signature: 'c2ln' };
  return { peerId: PEER(1), address: WALLET(1), sequence: 5, expiresAt: 100, statement, notedAt: 1, ...over };
}

function aStake(over: Partial<stakes.StoredStake> = {}): stakes.StoredStake {
  const amounts = { stakeWei: 10n ** 27n + 1n, unbondingWei: 7n, payout: null };
  return { peerId: PEER(1), registry: '1:0xa', address: WALLET(1), ...amounts, block: 9, readAt: 3, ...over };
}

/** Which wallet is whose: what was signed last counts, unless it was taken back. */
export function describeWallets(store: () => Store): void {
  const note = (over: Partial<bindings.StoredBinding> = {}) =>
    store()
      .transaction()
      .execute((tx) => bindings.noteBinding(tx, aBinding(over)));
  const revoke = (over: Partial<bindings.StoredBinding> = {}) =>
    store()
      .transaction()
      .execute((tx) => bindings.revokeBinding(tx, aBinding(over)));
  const listed = async (now = 50) =>
    (await bindings.listBindings(store(), now)).map(({ address, sequence }) => [address, sequence]);

  it('default: a binding comes back as it was noted, until it ends', async () => {
    await createMember(store(), PEER(1));

    expect(await note()).to.equal('new');
    expect(await bindings.listBindings(store(), 99)).to.deep.equal([{ ...aBinding(), revokedUpTo: null }]);
    expect(await listed(100)).to.deep.equal([]);
  });

  it('behaviour: a higher sequence takes the place of a lower one, never the other way round', async () => {
    await createMember(store(), PEER(1));
    await note();

    expect(await note({ address: WALLET(2), sequence: 6 })).to.equal('new');
    expect(await note()).to.equal('older');
    expect(await note({ address: WALLET(3), sequence: 6 })).to.equal('other');
    expect(await note({ address: WALLET(2), sequence: 6, expiresAt: 200 })).to.equal('other');
    expect(await note({ address: WALLET(2), sequence: 6, notedAt: 77 })).to.equal('same');
    expect(await listed()).to.deep.equal([[WALLET(2), 6]]);
  });

  it('behaviour: what was taken back does not come back, nor what was before it; a later one does', async () => {
    await createMember(store(), PEER(1));
    await note();
    await note({ address: WALLET(2), sequence: 6 });

    expect(await revoke({ address: WALLET(2), sequence: 8 })).to.equal('revoked');
    expect(await revoke({ address: WALLET(2), sequence: 7 })).to.equal('already');
    expect(await listed()).to.deep.equal([]);
    expect(await note({ address: WALLET(2), sequence: 8 })).to.equal('revoked');
    expect(await note({ address: WALLET(2), sequence: 9 })).to.equal('new');
    expect(await listed()).to.deep.equal([[WALLET(2), 9]]);
  });

  it('behaviour: earnings go to the payout of the registry, or else to the wallet, while it is bound', async () => {
    const payees = async (now = 50) => [...(await listPayees(store(), now))];
    const read = (over: Partial<stakes.StoredStake>) =>
      store()
        .transaction()
        .execute((tx) => stakes.noteStake(tx, aStake(over)));
    await createMember(store(), PEER(1));
    expect(await payees()).to.deep.equal([]);

    await note();
    expect(await payees()).to.deep.equal([[PEER(1), WALLET(1)]]);
    await read({ payout: `0x${'AB'.repeat(20)}` });
    expect(await payees()).to.deep.equal([[PEER(1), `0x${'ab'.repeat(20)}`]]);
    await read({ address: WALLET(7), payout: WALLET(8) });
    expect(await payees(), 'of another wallet').to.deep.equal([[PEER(1), WALLET(1)]]);
    expect(await payees(100), 'after its end').to.deep.equal([]);
    await expelMember(store(), PEER(1), 60);
    expect(await payees(), 'expelled').to.deep.equal([[PEER(1), WALLET(1)]]);
    expect(await listed(), 'expelled').to.deep.equal([]);
  });

  it('behaviour: a binding that was never noted cannot be taken back', async () => {
    expect(await revoke()).to.equal('unknown');
  });

  it('behaviour: of two statements at once with one sequence one counts', async () => {
    await createMember(store(), PEER(1));
    const done = await Promise.all([1, 2].map((index) => note({ address: WALLET(index) })));

    expect(done.toSorted()).to.deep.equal(['new', 'other']);
    expect(await listed()).to.have.length(1);
  });

  it('behaviour: the wallets of a worker that are remembered have a limit', async () => {
    await createMember(store(), PEER(1));
    const count = bindings.MAX_WALLETS + 4;
    for (let index = 1; index <= count; index++) await note({ address: WALLET(index), sequence: index });

    const known = await bindings.listWallets(store(), PEER(1));
    expect(known).to.have.length(bindings.MAX_WALLETS);
    expect(known[0]).to.deep.include({ address: WALLET(count), sequence: count });
  });

  it('behaviour: a worker that was expelled is bound to nothing', async () => {
    await createMember(store(), PEER(1));
    await note();
    await expelMember(store(), PEER(1), 7);

    expect(await listed()).to.deep.equal([]);
  });

  describe('stakes', () => {
    const noteStake = (over: Partial<stakes.StoredStake> = {}) =>
      store()
        .transaction()
        .execute((tx) => stakes.noteStake(tx, aStake(over)));

    it('default: a stake comes back to the wei, at its registry', async () => {
      expect(await noteStake()).to.deep.equal({ before: undefined, isNoted: true });
      expect(await stakes.listStakes(store(), '1:0xa')).to.deep.equal([aStake()]);
      expect(await stakes.listStakes(store(), '2:0xa')).to.deep.equal([]);
    });

    it('behaviour: an older block changes nothing for ten minutes, unless it is of another registry or wallet', async () => {
      await noteStake();

      expect(await noteStake({ block: 8, stakeWei: 0n })).to.deep.equal({ before: aStake(), isNoted: false });
      expect(await stakes.listStakes(store(), '1:0xa')).to.deep.equal([aStake()]);
      expect(
        (await noteStake({ block: 8, readAt: aStake().readAt + stakes.BELIEVE_MS - 1 })).isNoted,
      ).to.equal(false);
      await noteStake({ block: 8, readAt: aStake().readAt + stakes.BELIEVE_MS });
      expect((await stakes.listStakes(store(), '1:0xa'))[0]).to.include({ block: 8 });
      await noteStake({ block: 8, address: WALLET(2) });
      await noteStake({ block: 1, address: WALLET(2), registry: '2:0xa' });
      expect(await stakes.listStakes(store(), '2:0xa')).to.deep.equal([
        aStake({ block: 1, address: WALLET(2), registry: '2:0xa' }),
      ]);
    });
  });
}
