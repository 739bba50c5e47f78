import type { Bill, BillLine } from '@rios/sdk/schema/billing';
import { expect } from 'chai';
import { createUsageTally } from '../../src/services/usage-report.ts';

const aBill = (index: number, model: string): Bill => ({
  requestId: `req_${index}`,
  model,
  outcome: 'served',
  totalWei: '7',
  reservedWei: '9',
  tableVersion: 1,
  quoteId: null,
  reason: null,
  at: index,
});
const aLine = (index: number, changes: Partial<BillLine> = {}): BillLine => ({
  requestId: `req_${index}`,
  line: 1,
  kind: 'charge',
  worker: 'worker',
  receiptNonce: String(index),
  units: 3,
  priceWei: '1',
  amountWei: '7',
  workerWei: '6',
  platformWei: '0',
  feeBps: 1000,
  reason: null,
  message: null,
  transferId: 1,
  epoch: null,
  at: index,
  ...changes,
});

describe('createUsageTally', () => {
  it('behaviour: a request of two lines by one worker is one request of it; a refused line is none', () => {
    const tally = createUsageTally('worker');
    const lines = [aLine(1), aLine(1, { line: 2 }), aLine(1, { line: 3, kind: 'refused', worker: 'liar' })];
    tally.add([aBill(1, 'a')], lines);

    expect(tally.sum().rows).to.deep.equal([{ key: 'worker', requests: 1, units: 6, amountWei: '14' }]);
  });

  it('behaviour: more keys than a report has rows are told together; nothing is left out of the sum', () => {
    const tally = createUsageTally('model');
    const indices = Array.from({ length: 1_200 }, (_, index) => index);
    tally.add(
      indices.map((index) => aBill(index, `model-${index}`)),
      indices.map((index) => aLine(index)),
    );
    const { rows, total } = tally.sum();

    expect(rows).to.have.lengthOf(1_001);
    expect(rows.find(({ key }) => key === 'others')).to.include({ requests: 200, amountWei: '1400' });
    expect(total).to.deep.equal({ requests: 1_200, units: 3_600, amountWei: '8400' });
    const added = rows.reduce((sum, { amountWei }) => sum + BigInt(amountWei), 0n);
    expect(String(added)).to.equal(total.amountWei);
  });

  it('behaviour: a failed request counts and costs nothing', () => {
    const tally = createUsageTally('day');
    tally.add([aBill(1, 'a')], []);
    expect(tally.sum().rows).to.deep.equal([{ key: '1970-01-01', requests: 1, units: 0, amountWei: '0' }]);
  });
});
