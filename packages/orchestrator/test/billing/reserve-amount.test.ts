import assert from 'node:assert/strict';
import { DEFAULT_PRICE_TABLE, MAX_AMOUNT_WEI, MAX_PRICE_WEI } from '@rios/sdk/billing/price-table';
import { reserveAmount } from '../../src/billing/reserve-amount.ts';
import { ASK_WEI, anna, ben, buildQuote, buildTicket, carl } from '../support/bill.ts';

const tickets = [buildTicket(), buildTicket({ worker: ben.peerId, maxUnits: 500, askWei: 2n * ASK_WEI })];
const line = (worker: string, maxUnits: number, priceWei: bigint) => ({
  worker,
  maxUnits,
  priceWei: String(priceWei),
});

describe('reserve amount', () => {
  it('default: the most that the tickets can cost', () => {
    assert.equal(reserveAmount(tickets, DEFAULT_PRICE_TABLE), (2n * ASK_WEI) / 1_000n);
  });

  it('behaviour: a quote of the same lines is kept to, to the wei', () => {
    const quote = buildQuote([line(anna.peerId, 1_000, ASK_WEI), line(ben.peerId, 500, 2n * ASK_WEI)]);

    assert.equal(reserveAmount(tickets, DEFAULT_PRICE_TABLE, quote), BigInt(quote.mostWei));
  });

  it('behaviour: a worker without a line may take the place of a quoted one', () => {
    const quote = buildQuote([line(carl.peerId, 2_000, 2n * ASK_WEI)]);

    assert.equal(reserveAmount(tickets, DEFAULT_PRICE_TABLE, quote), (2n * ASK_WEI) / 1_000n);
  });

  it('behaviour: no tickets need nothing', () => {
    assert.equal(reserveAmount([], DEFAULT_PRICE_TABLE), 0n);
  });

  it('error BILLING_QUOTE_MISSED: a worker raised its ask by 1 wei since the quote', () => {
    const quote = buildQuote([line(anna.peerId, 9_999, ASK_WEI - 1n), line(ben.peerId, 500, 2n * ASK_WEI)]);

    assert.throws(() => reserveAmount(tickets, DEFAULT_PRICE_TABLE, quote), {
      code: 'BILLING_QUOTE_MISSED',
      details: { quoteId: quote.quoteId, mostWei: quote.mostWei, worker: anna.peerId },
    });
  });

  it('error BILLING_QUOTE_MISSED: more units than were quoted', () => {
    const quote = buildQuote([line(anna.peerId, 999, ASK_WEI), line(ben.peerId, 500, 2n * ASK_WEI)]);

    assert.throws(() => reserveAmount(tickets, DEFAULT_PRICE_TABLE, quote), {
      code: 'BILLING_QUOTE_MISSED',
      details: {
        quoteId: quote.quoteId,
        mostWei: quote.mostWei,
        amountWei: String((2n * ASK_WEI) / 1_000n),
      },
    });
  });

  it('error BILLING_PRICE: a sum beyond what the ledger can hold', () => {
    const units = { usualWei: '1', mostWei: String(MAX_PRICE_WEI) };
    const table = { ...DEFAULT_PRICE_TABLE, prices: { ...DEFAULT_PRICE_TABLE.prices, units } };
    const dear = (maxUnits: number) => [buildTicket({ maxUnits, askWei: MAX_PRICE_WEI })];

    assert.throws(() => reserveAmount(dear(10 ** 15), table), { code: 'BILLING_PRICE' });
    assert.equal(reserveAmount(dear(10 ** 15 - 1), table), MAX_AMOUNT_WEI + 1n - 10n ** 15n);
  });

  it('error BILLING_PRICE: an ask that is negative or above the price table, units that are no count', () => {
    const mostWei = BigInt(DEFAULT_PRICE_TABLE.prices.units.mostWei);

    for (const changes of [{ askWei: -1n }, { askWei: mostWei + 1n }, { maxUnits: -1 }, { maxUnits: 0.5 }])
      assert.throws(() => reserveAmount([buildTicket(changes)], DEFAULT_PRICE_TABLE), {
        code: 'BILLING_PRICE',
      });
    assert.ok(reserveAmount([buildTicket({ askWei: mostWei })], DEFAULT_PRICE_TABLE) > 0n);
  });
});
