import { DEFAULT_PRICE_TABLE } from '@rios/sdk/billing/price-table';
import { issueQuote, type QuoteWish } from '@rios/sdk/billing/quote';
import { createIdentity, type Identity } from '@rios/sdk/crypto/identity';
import { CLOCK_TOLERANCE_MS, issueCertificate } from '@rios/sdk/crypto/network';
import { RiosError } from '@rios/sdk/errors/error';
import type { QuoteBundle } from '@rios/sdk/schema/quote';
import { expect } from 'chai';
import { addPriceTable } from '../../src/store/price-tables.ts';
import { ACCOUNT, createHarness, type Harness, NETWORK_KEY, ORCHESTRATOR } from '../p2p/harness.ts';
import type { SmallModel } from '../p2p/small-model.ts';
import type { StandInWorker } from '../p2p/stand-in-worker.ts';
import { expectError } from '../support/expect-error.ts';
import {
  ASK_WEI,
  addPaidWorkers,
  billOf,
  findingsOf,
  firstStageOf,
  paidBy,
  WORK_WEI,
} from './paid-harness.ts';

const MINUTE_MS = 60_000;

describe('quoted requests', () => {
  let harness: Harness;
  let model: SmallModel;
  let workers: StandInWorker[];
  let first: StandInWorker;
  let count = 0;
  beforeEach(async () => {
    harness = await createHarness();
    workers = await addPaidWorkers(harness, 1);
    model = await harness.addModel('small', { shape: 'replica', spread: false });
    first = await firstStageOf(harness, workers);
  });
  afterEach(async () => {
    expect(await findingsOf(harness)).to.deep.equal([]);
    await harness.close();
  });

  const quoteOf = (changes: Partial<QuoteWish> = {}, by: Identity = ORCHESTRATOR): QuoteBundle => {
    const issuedAt = harness.clock.now();
    const certificate = issueCertificate(NETWORK_KEY, by.peerId, issuedAt - 10 * MINUTE_MS, 60 * MINUTE_MS);
    return issueQuote(by, certificate, {
      quoteId: `quo_${String(count++).padStart(12, '0')}`,
      networkId: NETWORK_KEY.networkId,
      accountId: ACCOUNT,
      model: 'small',
      modelHash: model.modelHash,
      tableVersion: 1,
      lines: [{ worker: first.peerId, maxUnits: 1_000_000, priceWei: String(ASK_WEI) }],
      issuedAt,
      expiresAt: issuedAt + MINUTE_MS,
      ...changes,
    });
  };
  const run = async (quote: QuoteBundle) => {
    const request = harness.request({ quote });
    await harness.network.inference.run(request);
    return billOf(harness, request.requestId);
  };
  const refuse = async (
    quote: QuoteBundle,
    code: 'BILLING_QUOTE_INVALID' | 'BILLING_QUOTE_EXPIRED' | 'BILLING_QUOTE_MISSED',
  ) => {
    const error = await expectError(harness.network.inference.run(harness.request({ quote })), code);
    expect(await paidBy(harness)).to.equal(0n);
    return error.details;
  };

  it('default: the bill is kept within the quote, and names it', async () => {
    const quote = quoteOf();

    const { bill } = await run(quote);

    expect(bill).to.include({ outcome: 'served', total_wei: String(WORK_WEI) });
    expect(bill?.quote_id).to.match(/^quo_/);
  });

  it('behaviour: the price table of the quote is kept to, whatever the operator sets later', async () => {
    const quote = quoteOf();
    const prices = { ...DEFAULT_PRICE_TABLE.prices, units: { usualWei: '1', mostWei: '1' } };
    const table = { ...DEFAULT_PRICE_TABLE, version: 2, effectiveAt: 0, prices };
    await harness.store.transaction().execute((tx) => addPriceTable(tx, table, { now: 1, by: ACCOUNT }));

    const { bill } = await run(quote);

    expect(bill).to.include({ table_version: 1, total_wei: String(WORK_WEI) });
    await expectError(harness.network.inference.run(harness.request()), 'CAPACITY_NO_WORKERS');
  });

  it('error BILLING_QUOTE_MISSED: the workers there are now ask for more', async () => {
    const lines = [{ worker: first.peerId, maxUnits: 1_000_000, priceWei: String(ASK_WEI - 1n) }];

    const details = await refuse(quoteOf({ lines }), 'BILLING_QUOTE_MISSED');

    expect(details?.worker).to.equal(first.peerId);
  });

  it('error BILLING_QUOTE_MISSED: the request may need more units than were quoted', async () => {
    await refuse(
      quoteOf({ lines: [{ worker: first.peerId, maxUnits: 1, priceWei: String(ASK_WEI) }] }),
      'BILLING_QUOTE_MISSED',
    );
  });

  it('error BILLING_QUOTE_INVALID: a quote is used once', async () => {
    const quote = quoteOf();
    await run(quote);

    const error = await expectError(
      harness.network.inference.run(harness.request({ quote })),
      'BILLING_QUOTE_INVALID',
    );

    expect(error.details?.reason).to.equal('used');
    expect(await paidBy(harness)).to.equal(WORK_WEI);
  });

  it('behaviour: a quote whose request failed and cost nothing may be used again', async () => {
    const quote = quoteOf();
    first.behaviour.beforeAnswer = () => Promise.reject(new RiosError('CAPACITY_DISK', 'no room'));
    await harness.network.inference.run(harness.request({ quote })).catch(() => {});
    first.behaviour.beforeAnswer = async () => {};

    const { bill } = await run(quote);

    expect(bill?.outcome).to.equal('served');
  });

  it('error BILLING_QUOTE_INVALID: it was made for another account, or for another model', async () => {
    const other = await refuse(quoteOf({ accountId: 'acc_other00000' }), 'BILLING_QUOTE_INVALID');
    const foreign = await refuse(quoteOf({ modelHash: 'a'.repeat(64) }), 'BILLING_QUOTE_INVALID');

    expect([other?.reason, foreign?.reason]).to.deep.equal(['account', 'model']);
  });

  it('error BILLING_QUOTE_INVALID: it was changed, or somebody else made it', async () => {
    const { quote, certificate } = quoteOf();
    const payload = Buffer.from(quote.payload, 'base64url').toString().replace(String(ASK_WEI), '1');
    const changed = { certificate, quote: { ...quote, payload: Buffer.from(payload).toString('base64url') } };
    const forged = { certificate, quote: quoteOf({}, createIdentity()).quote };

    for (const bundle of [changed, forged]) {
      expect((await refuse(bundle, 'BILLING_QUOTE_INVALID'))?.reason).to.equal('signature');
    }
  });

  it('error BILLING_QUOTE_EXPIRED: its time is over', async () => {
    const quote = quoteOf();
    await harness.pass(MINUTE_MS + CLOCK_TOLERANCE_MS + 1_000, workers);

    await refuse(quote, 'BILLING_QUOTE_EXPIRED');
  });
});
