import { buildEpoch } from '@rios/sdk/settlement/epoch';
import { expect } from 'chai';
import fc from 'fast-check';
import { failureIn } from './support/failure-in.ts';
import { aRange, aSettled, fileOf, payoutOf, rangeAfter } from './support/range.ts';

describe('epoch', () => {
  it('default: payees by address with what their receipts earned, and sums that close', () => {
    const { payees, sums, receipts } = buildEpoch(aRange({ workers: 3 }));

    expect(payees.map(({ account }) => account)).to.deep.equal([0, 1, 2].map(payoutOf).sort());
    for (const { account, earnedWei, cumulativeWei, beforeWei } of payees) {
      const own = receipts.filter((line) => line.account === account);
      const sum = own.reduce((total, { workerWei }) => total + BigInt(workerWei), 0n);
      expect([beforeWei, earnedWei, cumulativeWei], account).to.deep.equal(['0', String(sum), String(sum)]);
    }
    expect(sums.paidWei).to.equal(sums.earnedWei + sums.platformWei + sums.carriedWei);
    expect(sums.totalWei).to.equal(sums.earnedWei);
  });

  it('behaviour: what was owed before is owed still, earned or not', () => {
    const first = buildEpoch(aRange({ workers: 3 }));
    const second = buildEpoch(rangeAfter(first, { receipts: [aSettled(1, 'later'), aSettled(8, 'new')] }));

    expect(second.payees).to.have.length(4);
    expect(second.sums.totalWei).to.equal(first.sums.totalWei + second.sums.earnedWei);
    for (const { account, beforeWei } of second.payees) {
      const before = first.payees.find((one) => one.account === account)?.cumulativeWei ?? '0';
      expect(beforeWei, account).to.equal(before);
    }
  });

  it('behaviour: the same range in any order gives the same bytes', () => {
    const range = rangeAfter(buildEpoch(aRange({ workers: 4 })), {
      receipts: aRange({ workers: 9 }).receipts,
    });
    const { text, written, epoch } = fileOf(range);

    fc.assert(
      fc.property(
        fc.shuffledSubarray([...range.receipts], { minLength: range.receipts.length }),
        (receipts) => {
          const again = fileOf({ ...range, receipts, before: range.before.toReversed() });
          expect(again.text === text).to.equal(true);
          expect(again.written).to.deep.equal(written);
          expect(again.epoch.tree.root).to.equal(epoch.tree.root);
        },
      ),
      { numRuns: 10 },
    );
  });

  it('error SETTLEMENT_EPOCH: a ticket that is paid for twice', () => {
    const [one] = aRange().receipts;
    const receipts = one === undefined ? [] : [one, { ...one, account: payoutOf(7) }];

    const error = failureIn(() => buildEpoch(aRange({ receipts })));
    expect(error.code).to.equal('SETTLEMENT_EPOCH');
    expect(error.details).to.deep.equal({ ticket: one?.receipt.ticketNonce });
  });

  it('error SETTLEMENT_EPOCH: nobody has earned anything', () => {
    expect(failureIn(() => buildEpoch(aRange({ receipts: [] }))).code).to.equal('SETTLEMENT_EPOCH');
  });

  const unfair: [string, Parameters<typeof aSettled>[2]][] = [
    ['more units than the receipt counts', { charge: { units: 9_999 } }],
    ['another price than the worker asked', { charge: { priceWei: 10n ** 15n - 1n } }],
    ['more than the price', { charge: { amountWei: 10n ** 18n } }],
    ['a worker’s share that is too small', { charge: { workerWei: 1n } }],
    ['a worker’s share that is too large', { charge: { workerWei: 10n ** 18n } }],
    ['a negative share of the platform', { charge: { platformWei: -1n } }],
  ];
  for (const [what, over] of unfair) {
    it(`error SETTLEMENT_EPOCH: ${what}`, () => {
      const receipts = [aSettled(0, 'unfair', over)];

      expect(failureIn(() => buildEpoch(aRange({ receipts }))).code).to.equal('SETTLEMENT_EPOCH');
    });
  }
});
