import { expect } from 'chai';
import { changedStakes, stakeFacts } from '../../src/chain/stake-facts.ts';
import type { StoredBinding } from '../../src/store/wallet-bindings.ts';
import type { StoredStake } from '../../src/store/worker-stakes.ts';

const binding = (peerId: string, address: string): StoredBinding => ({
  peerId,
  address,
  sequence: 5,
  expiresAt: 9,
  statement: { payload: '', signature: '' },
  notedAt: 1,
  revokedUpTo: null,
});
const stake = (peerId: string, address: string, stakeWei: bigint): StoredStake => ({
  peerId,
  registry: '1:0xa',
  address,
  stakeWei,
  unbondingWei: 1n,
  payout: null,
  block: 3,
  readAt: 4,
});
const read = (...stakes: StoredStake[]) => new Map(stakes.map((one) => [one.peerId, one]));

describe('stakeFacts', () => {
  it('default: the stake that was read for the wallet to which the worker is bound', () => {
    const facts = stakeFacts([binding('a', '0x1')], read(stake('a', '0x1', 7n)));

    expect(facts.get('a')).to.deep.equal({
      address: '0x1',
      sequence: 5,
      expiresAt: 9,
      stakeWei: 7n,
      readAt: 4,
    });
  });

  it('behaviour: a stake of the wallet before, or of a worker that is bound to none, does not count', () => {
    const facts = stakeFacts([binding('a', '0x2')], read(stake('a', '0x1', 7n), stake('b', '0x1', 7n)));

    expect(facts.get('a')).to.include({ address: '0x2', stakeWei: null, readAt: null });
    expect(facts.get('b')).to.equal(undefined);
  });

  it('behaviour: only amounts that count differently are changes', () => {
    const before = stakeFacts([binding('a', '0x1'), binding('b', '0x1')], read(stake('a', '0x1', 7n)));
    const later = { ...stake('a', '0x1', 7n), block: 8, readAt: 9 };

    expect(changedStakes(before, stakeFacts([binding('a', '0x1')], read(later)))).to.deep.equal([]);
    expect(changedStakes(before, stakeFacts([binding('b', '0x1')], read(later)))).to.deep.equal(['a']);
    expect(
      changedStakes(
        before,
        stakeFacts([binding('a', '0x1'), binding('b', '0x1')], read(stake('b', '0x1', 0n))),
      ),
    ).to.deep.equal(['a', 'b']);
  });
});
