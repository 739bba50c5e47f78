import { DEFAULT_PRICE_TABLE } from '@rios/sdk/billing/price-table';
import { createIdentity } from '@rios/sdk/crypto/identity';
import { createNetworkKey } from '@rios/sdk/crypto/network';
import { parseManifest } from '@rios/sdk/model/bundle';
import type { QuoteRequest } from '@rios/sdk/schema/billing';
import { expect } from 'chai';
import { createSummaryReader } from '../../src/loop/observe.ts';
import { createQuotes, type Quotes } from '../../src/services/quotes.ts';
import { addPriceTable } from '../../src/store/price-tables.ts';
import { ACCOUNT, createHarness, GREEDY, type Harness } from '../p2p/harness.ts';
import type { StandInWorker } from '../p2p/stand-in-worker.ts';
import { expectError } from '../support/expect-error.ts';
import { addAccount } from '../support/seed-store.ts';
import { addPaidWorkers, billOf, findingsOf, firstStageOf, paidBy } from './paid-harness.ts';

const IDS = [1, 2];
const WISH: QuoteRequest = {
  model: 'small',
  prompt: { kind: 'ids', tokens: IDS.length },
  maxTokens: GREEDY.maxTokens,
  ttlMs: 600_000,
};

describe('quotes', () => {
  let harness: Harness;
  let workers: StandInWorker[];
  let quotes: Quotes;
  beforeEach(async () => {
    harness = await createHarness();
    const { store, clock, network } = harness;
    quotes = createQuotes({
      store,
      clock,
      // the harness's own
      identity: createIdentity(new Uint8Array(32).fill(201)),
      networkKey: createNetworkKey(new Uint8Array(32).fill(202)),
      certificate: network.certificate,
      readSummary: createSummaryReader(store, parseManifest),
      listWorkers: () => network.workers.list(),
    });
  });
  afterEach(async () => {
    expect(await findingsOf(harness)).to.deep.equal([]);
    await harness.close();
  });

  const start = async (count: number, shape: 'replica' | 'island') => {
    workers = await addPaidWorkers(harness, count);
    await harness.addModel('small', { shape, spread: shape === 'island' });
    return firstStageOf(harness, workers);
  };
  const quoteFor = async (wish: Partial<QuoteRequest> = {}, accountId = ACCOUNT) =>
    quotes.create(accountId, { ...WISH, ...wish });
  const run = async (given: Parameters<Harness['request']>[0]) => {
    const request = harness.request({ input: { kind: 'ids', ids: IDS }, ...given });
    await harness.network.inference.run(request);
    return request.requestId;
  };

  for (const shape of ['replica', 'island'] as const) {
    it(`default: a request on a ${shape} reserves what was quoted, and pays what was used`, async () => {
      await start(shape === 'replica' ? 1 : 3, shape);
      const { quote, bundle } = await quoteFor();
      const { bill } = await billOf(harness, await run({ quote: bundle }));

      expect(quote.lines).to.not.have.lengthOf(0);
      expect(bill?.reserved_wei).to.equal(quote.mostWei);
      expect(bill?.quote_id).to.equal(quote.quoteId);
      expect(await paidBy(harness)).to.equal(BigInt(bill?.total_wei ?? 0));
      expect(BigInt(bill?.total_wei ?? 0) <= BigInt(quote.mostWei)).to.equal(true);
    });
  }

  it('behaviour: text is bounded by its length, and a chat by the context', async () => {
    await start(1, 'replica');
    const mostOf = async (prompt: QuoteRequest['prompt']) =>
      BigInt((await quoteFor({ prompt })).quote.mostWei);

    const short = await mostOf({ kind: 'text', chars: 3 });
    expect(short < (await mostOf({ kind: 'text', chars: 9 }))).to.equal(true);
    expect(await mostOf({ kind: 'text', chars: 1e8 })).to.equal(await mostOf({ kind: 'chat' }));
  });

  it('error BILLING_QUOTE_MISSED: a longer answer than was quoted; nothing is charged', async () => {
    await start(1, 'replica');
    const { bundle } = await quoteFor();
    const longer = { ...GREEDY, maxTokens: GREEDY.maxTokens + 1 };

    await expectError(run({ quote: bundle, sampling: longer }), 'BILLING_QUOTE_MISSED');
    expect(await paidBy(harness)).to.equal(0n);
  });

  it('error BILLING_QUOTE_INVALID: for a second request, and for another account', async () => {
    await start(1, 'replica');
    const { bundle } = await quoteFor();
    await run({ quote: bundle });
    const again = await expectError(run({ quote: bundle }), 'BILLING_QUOTE_INVALID');
    expect(again.details).to.include({ reason: 'used' });

    await addAccount(harness.store, 'acc_eve0000000');
    const theirs = await quoteFor({}, 'acc_eve0000000');
    const error = await expectError(run({ quote: theirs.bundle }), 'BILLING_QUOTE_INVALID');
    expect(error.details).to.include({ reason: 'account' });
  });

  it('error BILLING_QUOTE_EXPIRED: after its time', async () => {
    await start(1, 'replica');
    const { bundle } = await quoteFor({ ttlMs: 1_000 });
    await harness.pass(60_000, workers);

    await expectError(run({ quote: bundle }), 'BILLING_QUOTE_EXPIRED');
  });

  it('error CAPACITY_NO_PLACEMENT, NOT_FOUND_MODEL: nobody asks a price', async () => {
    await harness.addModel('small');
    await expectError(quoteFor(), 'CAPACITY_NO_PLACEMENT');
    await expectError(quoteFor({ model: 'absent' }), 'NOT_FOUND_MODEL');
  });

  it('error BILLING_PRICE: a worker that asks for more than the price table allows', async () => {
    await start(1, 'replica');
    const prices = { ...DEFAULT_PRICE_TABLE.prices, units: { usualWei: '1', mostWei: '1' } };
    const table = { ...DEFAULT_PRICE_TABLE, version: 2, effectiveAt: 0, prices };
    await harness.store.transaction().execute((tx) => addPriceTable(tx, table, { now: 1, by: 'acc_1' }));

    await expectError(quoteFor(), 'BILLING_PRICE');
  });
});
