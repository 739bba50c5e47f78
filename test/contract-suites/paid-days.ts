import { DEFAULT_PRICE_TABLE, MAX_PLATFORM_BPS, type PriceTable } from '@rios/sdk/billing/price-table';
import type { Receipt } from '@rios/sdk/schema/trust';
import fc from 'fast-check';
import type { BilledTicket } from '../../packages/orchestrator/src/billing/billed-request.ts';
import { anna, ben, buildTicket, carl, STARTED_AT } from '../../packages/orchestrator/test/support/bill.ts';

/** One ticket, and what its worker signs for it. */
interface Work {
  readonly nonce: string;
  readonly worker: string;
  readonly maxUnits: number;
  readonly askWei: bigint;
  readonly signs: readonly Partial<Receipt>[];
}

/** What becomes of one request. */
export interface DayOfRequest {
  readonly requestId: string;
  readonly accountId: string;
  readonly work: readonly Work[];
  readonly isRetried: boolean;
  readonly end: 'served' | 'partial' | 'failed' | 'wrong' | 'dead';
}

let count = 0;
const nextId = (): string => String(count++).padStart(12, '0');
const nextNonce = (): string => (count++).toString(16).padStart(32, '0');

const MOST_ASK = 10n ** 18n;

const tables: fc.Arbitrary<PriceTable> = fc.nat({ max: MAX_PLATFORM_BPS }).map((platformBps) => ({
  ...DEFAULT_PRICE_TABLE,
  platformBps,
  effectiveAt: 0,
  prices: { ...DEFAULT_PRICE_TABLE.prices, units: { usualWei: '1', mostWei: String(MOST_ASK) } },
}));

/** Honest, silent, doubled, and lies of each sort. */
const signs: fc.Arbitrary<readonly Partial<Receipt>[]> = fc.oneof(
  { weight: 6, arbitrary: fc.nat({ max: 20_000 }).map((units) => [{ units }]) },
  fc.constantFrom<readonly Partial<Receipt>[]>(
    [],
    [{ units: 7 }, { units: 7 }],
    [{ units: Number.MAX_SAFE_INTEGER }, { units: 3 }],
    [{ price: '9'.repeat(30) }],
    [{ requestId: 'req_another0123456' }],
    [{ finishedAt: STARTED_AT + 10 ** 9 }],
    [{ ticketNonce: 'f'.repeat(32) }],
    [{ worker: 'nobody' }],
  ),
);

const works: fc.Arbitrary<Omit<Work, 'nonce'>> = fc.record({
  worker: fc.constantFrom(anna.peerId, ben.peerId, carl.peerId),
  maxUnits: fc.nat({ max: 30_000 }),
  askWei: fc.oneof(fc.bigInt(0n, 5_000_000n), fc.bigInt(0n, MOST_ASK)),
  signs,
});

const days = fc.record({
  work: fc.array(works, { minLength: 1, maxLength: 5 }),
  isRetried: fc.boolean(),
  end: fc.constantFrom<DayOfRequest['end']>('served', 'served', 'partial', 'failed', 'wrong', 'dead'),
});
type DayWish = Pick<DayOfRequest, 'isRetried' | 'end'> & { readonly work: readonly Omit<Work, 'nonce'>[] };

/** Gives a request its ids, new each time. */
export const asDay = (wish: DayWish): DayOfRequest => ({
  ...wish,
  work: wish.work.map((work) => ({ ...work, nonce: nextNonce() })),
  requestId: `req_${nextId()}`,
  accountId: `acc_${nextId()}`,
});

/** A price table, and requests under it. */
export const paidDays = fc.record({ table: tables, days: fc.array(days, { minLength: 1, maxLength: 4 }) });

export const ticketsOf = ({ work }: DayOfRequest): BilledTicket[] =>
  work.map(({ nonce, worker, maxUnits, askWei }) => buildTicket({ nonce, worker, maxUnits, askWei }));

/** A request that one worker serves. */
export const aDay = (): DayOfRequest =>
  asDay({
    work: [
      {
        worker: anna.peerId,
        maxUnits: 1_000,
        askWei: BigInt(DEFAULT_PRICE_TABLE.prices.units.usualWei),
        signs: [{ units: 500 }],
      },
    ],
    isRetried: false,
    end: 'served',
  });
