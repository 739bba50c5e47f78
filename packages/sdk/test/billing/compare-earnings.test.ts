import { compareEarnings } from '@rios/sdk/billing/compare-earnings';
import type { Earning } from '@rios/sdk/schema/earnings';
import { expect } from 'chai';

const nonceOf = (index: number) => index.toString(16).padStart(32, '0');
const PRICE_WEI = 1_000_000n;

/** What the worker signed for the ticket of that number: 1 wei for each unit. */
const own = (index: number, units: number) => ({
  requestId: `req_${index}`,
  ticketNonce: nonceOf(index),
  units,
  price: String(PRICE_WEI),
  finishedAt: 1_000 + index,
});

const line = (index: number, changes: Partial<Earning> = {}): Earning => ({
  requestId: `req_${index}`,
  line: 1,
  kind: 'charge',
  worker: '12D3KooW',
  receiptNonce: nonceOf(index),
  units: 100,
  priceWei: String(PRICE_WEI),
  amountWei: '100',
  workerWei: '90',
  platformWei: '10',
  feeBps: 1_000,
  reason: null,
  message: null,
  transferId: 1,
  epoch: null,
  at: 2_000 + index,
  outcome: 'served',
  ...changes,
});

const refusal = { kind: 'refused', amountWei: '0', workerWei: '0', platformWei: '0' } as const;
const verdictOf = (receipts: Parameters<typeof compareEarnings>[0], lines: readonly Earning[]) =>
  compareEarnings(receipts, lines).map(({ verdict, reason, paidUnits, paidWei, workerWei }) => ({
    verdict,
    reason,
    paid: [paidUnits, paidWei, workerWei],
  }));

describe('compareEarnings', () => {
  it('default: what was signed last is what was paid', () => {
    const [row, ...others] = compareEarnings([own(1, 100)], [line(1, { epoch: 3 })]);

    expect(others).to.deep.equal([]);
    expect(row).to.deep.equal({
      requestId: 'req_1',
      receiptNonce: nonceOf(1),
      verdict: 'agreed',
      reason: null,
      signedUnits: 100,
      signedWei: 100n,
      paidUnits: 100,
      paidWei: 100n,
      workerWei: 90n,
      epoch: 3,
      at: 1_001,
    });
  });

  it('behaviour: an earlier receipt was paid', () => {
    expect(verdictOf([own(1, 130)], [line(1)])).to.deep.equal([
      {
        verdict: 'paid-less',
        reason: 'the newest receipt that reached the orchestrator is of 100 of 130 units',
        paid: [100, 100n, 90n],
      },
    ]);
  });

  it('behaviour: more was paid than the worker knows of', () => {
    const [row] = verdictOf([own(1, 60)], [line(1)]);

    expect([row?.verdict, row?.reason]).to.deep.equal([
      'paid-more',
      '100 units were paid; the newest receipt kept here is of 60',
    ]);
  });

  it('behaviour: a refused line tells the ledger’s reason', () => {
    const message = 'its price is above the ask';

    expect(verdictOf([own(1, 100)], [line(1, { ...refusal, reason: 'above_ask', message })])).to.deep.equal([
      { verdict: 'refused', reason: message, paid: [null, 0n, 0n] },
    ]);
  });

  it('behaviour: a doubled receipt is told once, as the one that was paid', () => {
    const doubled = line(1, { ...refusal, line: 2, reason: 'doubled' });

    for (const lines of [
      [line(1), doubled],
      [doubled, line(1)],
    ]) {
      expect(verdictOf([own(1, 100)], lines).map(({ verdict }) => verdict)).to.deep.equal(['agreed']);
    }
  });

  it('behaviour: work that no bill names, and pay that the worker knows nothing of', () => {
    const rows = verdictOf([own(1, 100)], [line(2)]);

    expect(rows.map(({ verdict }) => verdict)).to.deep.equal(['not-billed', 'not-kept']);
    expect(rows.map(({ paid }) => paid)).to.deep.equal([
      [null, 0n, 0n],
      [100, 100n, 90n],
    ]);
  });

  it('behaviour: rows come in the order of time', () => {
    const rows = compareEarnings([own(3, 1), own(1, 1)], [line(1), line(2)]);

    expect(rows.map(({ requestId }) => requestId)).to.deep.equal(['req_1', 'req_3', 'req_2']);
  });
});
