import assert from 'node:assert/strict';
import { MAX_PRICE_WEI } from '@rios/sdk/billing/price-table';
import { createIdentity } from '@rios/sdk/crypto/identity';
import type { Receipt } from '@rios/sdk/schema/trust';
import type { BilledRequest } from '../../src/billing/billed-request.ts';
import { chargeRequest } from '../../src/billing/charge-request.ts';
import {
  ASK_WEI,
  anna,
  ben,
  benReceipt,
  buildQuote,
  buildReceipt,
  buildRequest,
  buildTicket,
  nonceOf,
  STARTED_AT,
} from '../support/bill.ts';

const HALF_WEI = ASK_WEI / 2_000n;

const reasonsOf = (receipts: readonly Receipt[], request: BilledRequest = buildRequest()) =>
  chargeRequest(receipts, request).refused.map(({ reason }) => reason);

/** Asserts that this receipt of Anna's costs nothing, while Ben is paid. */
function assertRefused(receipt: Receipt, reason: string, request = buildRequest()): void {
  const bill = chargeRequest([receipt, benReceipt()], request);

  assert.deepEqual(
    bill.charges.map(({ worker }) => worker),
    [ben.peerId],
  );
  assert.equal(bill.totalWei, 2n * HALF_WEI);
  assert.equal(bill.refused[0]?.reason, reason);
  assert.equal(bill.refused[0]?.units, receipt.units);
}

const at = (startedAt: number, finishedAt: number) =>
  buildReceipt({ startedAt: STARTED_AT + startedAt, finishedAt: STARTED_AT + finishedAt });

describe('charge request', () => {
  it('default: each worker is charged its units at its own ask', () => {
    const receipts = [buildReceipt(), benReceipt({ units: 1_000 })];
    const bill = chargeRequest(receipts, buildRequest());

    assert.deepEqual(bill, {
      paid: receipts,
      charges: [
        {
          worker: anna.peerId,
          units: 500,
          priceWei: ASK_WEI,
          amountWei: HALF_WEI,
          receiptNonce: nonceOf(1),
        },
        {
          worker: ben.peerId,
          units: 1_000,
          priceWei: 2n * ASK_WEI,
          amountWei: 4n * HALF_WEI,
          receiptNonce: nonceOf(2),
        },
      ],
      refused: [],
      totalWei: 5n * HALF_WEI,
    });
  });

  it('behaviour: a worker that sends no receipt is a line of nothing', () => {
    const { refused, totalWei } = chargeRequest([buildReceipt()], buildRequest());

    assert.deepEqual(refused, [
      {
        worker: ben.peerId,
        receiptNonce: nonceOf(2),
        units: 0,
        reason: 'no_receipt',
        message: 'it sent no receipt',
      },
    ]);
    assert.equal(totalWei, HALF_WEI);
  });

  it('behaviour: a failed request costs nothing, and says so for each line', () => {
    const bill = chargeRequest([buildReceipt(), benReceipt()], buildRequest({ outcome: 'failed' }));

    assert.equal(bill.totalWei, 0n);
    assert.deepEqual(bill.charges, []);
    assert.deepEqual(
      bill.refused.map(({ reason, units }) => [reason, units]),
      [
        ['request_failed', 500],
        ['request_failed', 500],
      ],
    );
  });

  it('behaviour: wrong work costs nothing, the right work beside it is paid', () => {
    assertRefused(buildReceipt(), 'wrong_work', buildRequest({ wrong: new Set([nonceOf(1)]) }));
  });

  it('behaviour: no receipts, no charge', () => {
    assert.equal(chargeRequest([], buildRequest()).totalWei, 0n);
  });

  it('behaviour: a worker may take less than its ask, or nothing', () => {
    const less = buildReceipt({ price: String(ASK_WEI - 1_000_000n) });
    const gift = benReceipt({ price: '0' });
    const { charges } = chargeRequest([less, gift], buildRequest());

    assert.deepEqual(
      charges.map(({ amountWei }) => amountWei),
      [HALF_WEI - 500n, 0n],
    );
  });

  it('behaviour: an unknown worker is not paid, also when it shows the ticket of another', () => {
    const stranger = createIdentity().peerId;

    assertRefused(buildReceipt({ worker: stranger }), 'unknown_worker');
    assertRefused(buildReceipt({ worker: stranger, ticketNonce: nonceOf(9) }), 'unknown_worker');
  });

  it('behaviour: the first of two receipts counts, whatever the second says', () => {
    const bill = chargeRequest(
      [buildReceipt(), buildReceipt(), buildReceipt({ units: 1_000 }), benReceipt()],
      buildRequest(),
    );

    assert.equal(bill.totalWei, 3n * HALF_WEI);
    assert.deepEqual(
      bill.refused.map(({ reason }) => reason),
      ['doubled', 'doubled'],
    );
  });

  it('behaviour: a refused receipt does not use its ticket up: a stranger cannot spoil the pay of a worker', () => {
    const spoilt = buildReceipt({ worker: ben.peerId });
    const bill = chargeRequest([spoilt, buildReceipt(), benReceipt()], buildRequest());

    assert.equal(bill.totalWei, 3n * HALF_WEI);
    assert.deepEqual(
      bill.refused.map(({ reason }) => reason),
      ['not_asked'],
    );
  });

  it('behaviour: work that nobody asked for is not paid', () => {
    const wrong: Record<string, Partial<Receipt>> = {
      'no such ticket': { ticketNonce: nonceOf(9) },
      'the ticket of another': { ticketNonce: nonceOf(2) },
      'another request': { requestId: 'req_another0123456' },
      'another model': { modelHash: 'f'.repeat(64) },
      'another network': { networkId: `net_${'2'.repeat(32)}` },
      'other parts': { parts: ['trunk.000', 'head'] },
    };

    for (const changes of Object.values(wrong)) assertRefused(buildReceipt(changes), 'not_asked');
  });

  it('behaviour: units up to the ticket are paid, one more is not', () => {
    assert.deepEqual(reasonsOf([buildReceipt({ units: 1_000 }), benReceipt()]), []);
    assertRefused(buildReceipt({ units: 1_001 }), 'too_many_units');
    assertRefused(buildReceipt({ units: Number.MAX_SAFE_INTEGER }), 'too_many_units');
  });

  it('behaviour: no units cost nothing; what is no count of units is not paid', () => {
    assert.deepEqual(reasonsOf([buildReceipt({ units: 0 }), benReceipt()]), []);
    for (const units of [-1, 0.5, Number.NaN, Infinity, 2 ** 53]) {
      const { refused, totalWei } = chargeRequest([buildReceipt({ units })], buildRequest());
      assert.equal(refused[0]?.reason, 'bad_units', `${units}`);
      assert.equal(totalWei, 0n);
    }
  });

  it('behaviour: a price above the ask, or absurd, is not paid', () => {
    assertRefused(buildReceipt({ price: String(ASK_WEI + 1n) }), 'above_ask');
    for (const price of [String(MAX_PRICE_WEI + 1n), '-1', '1.5', '', '0x10', '9'.repeat(5_000)])
      assertRefused(buildReceipt({ price }), 'bad_price');
  });

  it('behaviour: a price above the quote is not paid, though it is the ask', () => {
    const quote = buildQuote([
      { worker: anna.peerId, maxUnits: 1_000, priceWei: String(ASK_WEI - 1n) },
      { worker: ben.peerId, maxUnits: 1_000, priceWei: String(2n * ASK_WEI) },
    ]);

    assertRefused(buildReceipt(), 'above_quote', buildRequest({ quote }));
  });

  it('behaviour: a worker that took the place of a quoted one gets at most the highest quoted price', () => {
    const quote = buildQuote([{ worker: ben.peerId, maxUnits: 2_000, priceWei: String(2n * ASK_WEI) }]);
    const tickets = [buildTicket({ askWei: 3n * ASK_WEI })];
    const reasonAt = (price: bigint) =>
      reasonsOf([buildReceipt({ price: String(price) })], buildRequest({ quote, tickets }));

    assert.deepEqual(reasonAt(2n * ASK_WEI), []);
    assert.deepEqual(reasonAt(2n * ASK_WEI + 1n), ['above_quote']);
  });

  it('behaviour: together, lines never cost more than the quote', () => {
    const quote = buildQuote([{ worker: anna.peerId, maxUnits: 1_400, priceWei: String(2n * ASK_WEI) }]);
    const receipts = [buildReceipt({ units: 1_000 }), benReceipt({ units: 1_000 })];
    const bill = chargeRequest(receipts, buildRequest({ quote }));

    assert.equal(bill.totalWei, 2n * HALF_WEI);
    assert.deepEqual(
      bill.refused.map(({ reason }) => reason),
      ['above_quote'],
    );
  });

  it('behaviour: work before the request or from the future is not paid; 5 s between clocks are allowed', () => {
    assert.deepEqual(reasonsOf([at(-5_000, 1_000), benReceipt()]), []);
    assertRefused(at(-5_001, 1_000), 'before_request');
    assert.deepEqual(reasonsOf([at(1_000, 7_000), benReceipt()]), []);
    assertRefused(at(1_000, 7_001), 'from_future');
    assertRefused(at(1_000, 10 ** 12), 'from_future');
  });

  it('behaviour: times that are none, or go back, are not paid', () => {
    assertRefused(at(1_000, 999), 'bad_times');
    for (const wrong of [Number.NaN, -1, 0.5, Infinity]) {
      assertRefused(buildReceipt({ startedAt: wrong }), 'bad_times');
      assertRefused(buildReceipt({ finishedAt: wrong }), 'bad_times');
    }
  });

  it('behaviour: work that lasted longer than the request is not paid', () => {
    assert.deepEqual(reasonsOf([at(-1_000, 6_000), benReceipt()]), []);
    assertRefused(at(-1_001, 6_000), 'too_long');
  });

  it("behaviour: when the orchestrator's clock jumps, honest workers are paid all the same", () => {
    const hour = 3_600_000;
    for (const jumpMs of [-hour, hour]) {
      const times = { startedAt: STARTED_AT, receivedAt: STARTED_AT + 2_000 + jumpMs, elapsedMs: 2_000 };
      const right = [buildReceipt(), benReceipt()];
      const shifted = [buildReceipt, benReceipt].map((build) =>
        build({ startedAt: STARTED_AT + jumpMs, finishedAt: STARTED_AT + jumpMs + 2_000 }),
      );

      assert.deepEqual(reasonsOf(right, buildRequest({ times })), [], `clock was right before ${jumpMs}`);
      assert.deepEqual(reasonsOf(shifted, buildRequest({ times })), [], `clock is right after ${jumpMs}`);
    }
  });

  it('behaviour: a jump of the clock does not let work last longer than the request', () => {
    const times = { startedAt: STARTED_AT, receivedAt: STARTED_AT + 3_600_000, elapsedMs: 2_000 };

    assertRefused(at(0, 7_001), 'too_long', buildRequest({ times }));
  });
});
