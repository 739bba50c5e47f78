import { expect } from 'chai';
import { publishKey, reversedTransfers, settledTransfers } from '../../src/settlement/settled-transfers.ts';

const EPOCH = { chain_id: 7, rewards: '0xab', epoch: 3, attempt: 1 };
const earned = new Map(Array.from({ length: 600 }, (_, index) => [`w${1_000 + index}`, BigInt(index + 1)]));

describe('settled-transfers', () => {
  it('default: each transfer is balanced, names 256 accounts at most, and all together move everything', () => {
    const transfers = settledTransfers(EPOCH, earned, 9);
    expect(transfers.map(({ key }) => key)).to.deep.equal([
      'epoch:7:0xab:3:0',
      'epoch:7:0xab:3:1',
      'epoch:7:0xab:3:2',
    ]);
    let settled = 0n;
    for (const { key, entries } of transfers) {
      expect(entries.length, key).to.be.at.most(256);
      expect(
        entries.reduce((sum, { amountWei }) => sum + amountWei, 0n),
        key,
      ).to.equal(0n);
      settled += entries.find(({ account }) => account === 'settled')?.amountWei ?? 0n;
    }
    expect(settled).to.equal((600n * 601n) / 2n);
  });

  it('behaviour: the reverse is the same with other signs and keys; the order of workers makes no difference', () => {
    const there = settledTransfers(EPOCH, earned, 9);
    const back = reversedTransfers(EPOCH, new Map([...earned].reverse()), 10);
    for (const [index, { key, entries }] of back.entries()) {
      const same = entries.map(({ account, amountWei }) => ({ account, amountWei: -amountWei }));
      expect(same, key).to.deep.equal(there[index]?.entries);
      expect(key).to.equal(`reverse:${there[index]?.key}`);
    }
  });

  it('behaviour: after a veto the keys are others', () => {
    const again = { ...EPOCH, attempt: 2 };
    expect([publishKey(EPOCH), publishKey(again)]).to.deep.equal(['publish:7:0xab:3', 'publish:7:0xab:3.2']);
    expect(settledTransfers(again, new Map([['w', 1n]]), 9)[0]?.key).to.equal('epoch:7:0xab:3.2:0');
  });
});
