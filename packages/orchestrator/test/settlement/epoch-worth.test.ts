import { expect } from 'chai';
import { isWorth, oldestOf } from '../../src/settlement/epoch-worth.ts';

const DAY = 86_400_000;
const A = `0x${'a'.repeat(40)}`;
const line = (worker: string, workerWei: bigint, at = 0) => ({ worker, workerWei, at });
const payable = [
  { worker: 'w1', account: A },
  { worker: 'w2', account: A.toUpperCase().replace('0X', '0x') },
];

describe('epoch-worth', () => {
  it('default: what workers of one account earned together counts, fifty times the cost or more', () => {
    const lines = [line('w1', 30n), line('w2', 20n)];
    expect(isWorth({ lines, payable }, { now: 1, costWei: 1n })).to.equal(true);
    expect(isWorth({ lines: lines.slice(0, 1), payable }, { now: 1, costWei: 1n })).to.equal(false);
  });

  it('behaviour: a day old is enough; a worker without a wallet never is', () => {
    const lines = [line('nobody', 10n ** 20n), line('w1', 1n, 5)];
    expect(isWorth({ lines, payable }, { now: DAY + 4, costWei: 1n })).to.equal(false);
    expect(isWorth({ lines, payable }, { now: DAY + 5, costWei: 1n })).to.equal(true);
    expect(isWorth({ lines, payable: [] }, { now: 2 * DAY, costWei: 0n })).to.equal(false);
    expect(oldestOf({ lines, payable })).to.equal(5);
    expect(oldestOf({ lines, payable: [] })).to.equal(undefined);
  });
});
