import assert from 'node:assert/strict';
import { DEFAULT_PRICE_TABLE, MAX_PLATFORM_BPS, type PriceTable } from '@rios/sdk/billing/price-table';
import { splitCharge } from '@rios/sdk/billing/price-usage';
import type { Receipt } from '@rios/sdk/schema/trust';
import fc from 'fast-check';
import type { BilledRequest, BilledTicket } from '../../src/billing/billed-request.ts';
import { chargeRequest } from '../../src/billing/charge-request.ts';
import { reserveAmount } from '../../src/billing/reserve-amount.ts';
import {
  anna,
  ben,
  buildQuote,
  buildReceipt,
  buildRequest,
  buildTicket,
  carl,
  nonceOf,
  STARTED_AT,
} from '../support/bill.ts';

const MOST_ASK = 10n ** 18n;
const peers = fc.constantFrom(anna.peerId, ben.peerId, carl.peerId);

const tables: fc.Arbitrary<PriceTable> = fc
  .record({ bps: fc.nat({ max: MAX_PLATFORM_BPS }), mostWei: fc.bigInt(MOST_ASK, 10n ** 21n) })
  .map(({ bps, mostWei }) => ({
    ...DEFAULT_PRICE_TABLE,
    platformBps: bps,
    prices: { ...DEFAULT_PRICE_TABLE.prices, units: { usualWei: '1', mostWei: String(mostWei) } },
  }));

const tickets: fc.Arbitrary<BilledTicket[]> = fc
  .array(
    fc.record({
      worker: peers,
      maxUnits: fc.oneof(fc.nat({ max: 3_000_000 }), fc.nat({ max: Number.MAX_SAFE_INTEGER })),
      askWei: fc.oneof(fc.bigInt(0n, 5_000_000n), fc.bigInt(0n, MOST_ASK)),
    }),
    { maxLength: 12 },
  )
  .map((wishes) => wishes.map((wish, index) => buildTicket({ ...wish, nonce: nonceOf(index) })));

/** What may be wrong with a receipt; each is seen in charge-request.test.ts alone. */
const faults: fc.Arbitrary<Partial<Receipt>> = fc.oneof(
  { weight: 6, arbitrary: fc.constant({}) },
  {
    weight: 1,
    arbitrary: fc.constantFrom<Partial<Receipt>>(
      { units: Number.MAX_SAFE_INTEGER },
      { units: -1 },
      { price: '9'.repeat(30) },
      { price: '-5' },
      { worker: carl.peerId },
      { ticketNonce: nonceOf(3) },
      { requestId: 'req_another0123456' },
      { parts: ['head'] },
      { finishedAt: STARTED_AT + 10 ** 9 },
      { startedAt: 0 },
    ),
  },
);

interface Case {
  readonly request: BilledRequest;
  readonly receipts: readonly Receipt[];
}

/** Random tickets, each with no, one or two receipts that may be hostile, in any order. */
const cases: fc.Arbitrary<Case> = tickets.chain((issued) => {
  const each = issued.map((ticket) =>
    fc.array(
      fc
        .record({ share: fc.nat({ max: 100 }), discount: fc.nat({ max: 100 }), fault: faults })
        .map(({ share, discount, fault }) =>
          buildReceipt({
            worker: ticket.worker,
            ticketNonce: ticket.nonce,
            units: Number((BigInt(ticket.maxUnits) * BigInt(share)) / 100n),
            price: String((ticket.askWei * BigInt(100 - discount)) / 100n),
            ...fault,
          }),
        ),
      { maxLength: 2 },
    ),
  );
  return fc.record({
    request: fc
      .record({ outcome: fc.constantFrom('served' as const, 'served' as const, 'failed' as const) })
      .map(({ outcome }) => buildRequest({ tickets: issued, outcome })),
    receipts: fc.tuple(...each).map((lists) => lists.flat()),
  });
});

const sum = (amounts: readonly bigint[]) => amounts.reduce((total, wei) => total + wei, 0n);

describe('bill', () => {
  it('behaviour: what the user pays = what workers get + the platform + the rest carried, to the wei', () => {
    fc.assert(
      fc.property(fc.array(cases, { maxLength: 5 }), tables, (requests, table) => {
        let carried = 0n;
        let workers = 0n;
        let platform = 0n;
        const bills = requests.map(({ request, receipts }) => chargeRequest(receipts, request));
        for (const { amountWei } of bills.flatMap(({ charges }) => charges)) {
          const split = splitCharge(amountWei, table.platformBps, carried);
          workers += split.workerWei;
          platform += split.platformWei;
          carried = split.carriedWei;
        }

        assert.equal(sum(bills.map(({ totalWei }) => totalWei)), workers + platform + carried);
        assert.ok(carried <= 1n);
      }),
      { numRuns: 300 },
    );
  });

  it('behaviour: no bill is above what was reserved, and none of a failed request costs anything', () => {
    fc.assert(
      fc.property(cases, tables, ({ request, receipts }, table) => {
        const { totalWei } = chargeRequest(receipts, request);

        assert.ok(totalWei >= 0n && totalWei <= reserveAmount(request.tickets, table));
        if (request.outcome === 'failed') assert.equal(totalWei, 0n);
      }),
      { numRuns: 300 },
    );
  });

  it('behaviour: each receipt is one line, charged or refused; each ticket is charged once at most', () => {
    fc.assert(
      fc.property(cases, ({ request, receipts }) => {
        const { charges, refused, totalWei } = chargeRequest(receipts, request);

        const answered = refused.filter(({ reason }) => reason !== 'no_receipt');
        assert.equal(charges.length + answered.length, receipts.length);
        assert.equal(new Set(charges.map(({ receiptNonce }) => receiptNonce)).size, charges.length);
        assert.equal(totalWei, sum(charges.map(({ amountWei }) => amountWei)));
        for (const { worker, receiptNonce, units, priceWei } of charges) {
          const ticket = request.tickets.find(({ nonce }) => nonce === receiptNonce);
          assert.equal(ticket?.worker, worker);
          assert.ok(ticket && units <= ticket.maxUnits && priceWei <= ticket.askWei, receiptNonce);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('behaviour: under a quote no bill is above it, and honest work that fits it is paid in full', () => {
    fc.assert(
      fc.property(cases, ({ request, receipts }) => {
        fc.pre(request.tickets.length > 0);
        const quote = buildQuote(
          request.tickets.map(({ worker, maxUnits, askWei }) => ({
            worker,
            maxUnits,
            priceWei: String(askWei),
          })),
        );
        const bill = chargeRequest(receipts, { ...request, quote });

        assert.ok(bill.totalWei <= BigInt(quote.mostWei));
        assert.deepEqual(bill, chargeRequest(receipts, request));
      }),
      { numRuns: 200 },
    );
  });

  it('behaviour: the same receipts give the same bill', () => {
    fc.assert(
      fc.property(cases, ({ request, receipts }) => {
        assert.deepEqual(chargeRequest(receipts, request), chargeRequest([...receipts], { ...request }));
      }),
      { numRuns: 50 },
    );
  });
});
