import { expect } from 'chai';
import { type BillLineRow, type BillRow, insertBill } from '../../packages/orchestrator/src/store/bills.ts';
import { listEarnings } from '../../packages/orchestrator/src/store/earnings.ts';
import type { Store } from '../../packages/orchestrator/src/store/store.ts';
import { PEER } from './store-builders.ts';

const requestOf = (index: number) => `req_${String(index).padStart(10, '0')}`;

const aBill = (index: number, at: number): BillRow => ({
  request_id: requestOf(index),
  account_id: 'acc_1',
  model: 'tiny',
  outcome: 'partial',
  total_wei: '10',
  reserved_wei: '20',
  table_version: 1,
  quote_id: null,
  reason: 'PEER_LOST',
  at,
});

function aLine(index: number, line: number, over: Partial<BillLineRow> = {}): BillLineRow {
  return {
    request_id: requestOf(index),
    line,
    kind: 'charge',
    account_id: 'acc_1',
    worker: PEER(1),
    receipt_nonce: (index * 16 + line).toString(16).padStart(32, '0'),
    units: 10,
    price_wei: '1000000',
    amount_wei: '10',
    worker_wei: '9',
    platform_wei: '1',
    fee_bps: 1_000,
    reason: null,
    message: null,
    transfer_id: 1,
    epoch: null,
    at: 0,
    ...over,
  };
}

/** What workers earned: each line once, whatever pages they are read in. */
export function describeEarnings(store: () => Store): void {
  const bill = (index: number, at: number, lines: readonly BillLineRow[]) =>
    store()
      .transaction()
      .execute((tx) =>
        insertBill(
          tx,
          aBill(index, at),
          lines.map((line) => ({ ...line, at })),
        ),
      );
  const read = async (limit: number, from = 0) => {
    const pages: string[][] = [];
    let after: string | undefined;
    do {
      const page = await listEarnings(store(), PEER(1), { from, limit, after });
      pages.push(page.earnings.map(({ requestId, line }) => `${Number(requestId.slice(4))}.${line}`));
      after = page.next ?? undefined;
    } while (after !== undefined);
    return pages;
  };

  it('default: a worker’s lines, oldest first, and whose they are is not told', async () => {
    await bill(2, 20, [aLine(2, 1), aLine(2, 2, { worker: PEER(2) })]);
    await bill(1, 10, [aLine(1, 1, { kind: 'refused', reason: 'above_ask', message: 'dear' })]);

    const { earnings, next } = await listEarnings(store(), PEER(1), { from: 0, limit: 10 });

    expect(next).to.equal(null);
    expect(
      earnings.map(({ requestId, kind, message, outcome }) => [requestId, kind, message, outcome]),
    ).to.deep.equal([
      [requestOf(1), 'refused', 'dear', 'partial'],
      [requestOf(2), 'charge', null, 'partial'],
    ]);
    expect(earnings.every((earning) => !('accountId' in earning))).to.equal(true);
  });

  it('behaviour: pages end anywhere, and none loses or repeats a line', async () => {
    await bill(1, 10, [aLine(1, 1), aLine(1, 2), aLine(1, 3)]);
    await bill(3, 20, [aLine(3, 1), aLine(3, 2)]);
    await bill(2, 20, [aLine(2, 1)]);
    const all = ['1.1', '1.2', '1.3', '2.1', '3.1', '3.2'];

    for (const limit of [1, 2, 3, 4, 5, 6]) {
      const pages = await read(limit);
      expect(pages.flat(), `pages of ${limit}`).to.deep.equal(all);
      expect(pages.length, `pages of ${limit}`).to.equal(Math.ceil(all.length / limit));
    }
    expect((await read(10, 11)).flat()).to.deep.equal(['2.1', '3.1', '3.2']);
  });

  it('behaviour: a worker that earned nothing has no lines', async () => {
    expect(await read(10)).to.deep.equal([[]]);
  });
}
