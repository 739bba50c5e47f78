import type { PriceTable } from '@rios/sdk/billing/price-table';
import type { Clock } from '@rios/sdk/clock';
import { RiosError } from '@rios/sdk/errors/error';
import type { Quote, QuoteBundle } from '@rios/sdk/schema/quote';
import type { Receipt } from '@rios/sdk/schema/trust';
import type { BillOutcome } from '../store/billing-tables.ts';
import type { Store } from '../store/store.ts';
import type { BilledTicket } from './billed-request.ts';
import type { RequestBill } from './charge-request.ts';

/** One attempt to answer a request, before it begins. */
export interface BillingStart {
  readonly accountId: string;
  readonly requestId: string;
  /** Counts up from 1: a request that lost its worker before it began is tried again. */
  readonly attempt: number;
  readonly model: string;
  readonly modelHash: string;
  readonly tickets: readonly BilledTicket[];
  readonly quote?: QuoteBundle | undefined;
}

/** What is reserved for one attempt, and under which terms. */
export interface OpenBill extends Omit<BillingStart, 'quote'> {
  readonly quote: Quote | undefined;
  readonly table: PriceTable;
  readonly reservedWei: bigint;
  /** Wall clock and clock that is never set, ms, when the tickets were issued. */
  readonly startedAt: number;
  readonly startedMonotonicMs: number;
}

/** How an attempt ended. */
export interface BillingEnd {
  readonly outcome: BillOutcome;
  /** Error code of a request that did not end well. */
  readonly reason: string | null;
  /** What workers of the request signed. */
  readonly receipts: readonly Receipt[];
  /** The work was found to be wrong: nobody is paid. */
  readonly isWrong?: boolean;
}

/** Takes and pays the money of requests: each is billed exactly once, or not at all. */
export interface RequestBilling {
  /**
   * In a transaction, first in it: reserves the most that these tickets can cost.
   * @throws RiosError QUOTA_BALANCE, QUOTA_BUDGET, BILLING_PRICE, BILLING_QUOTE_EXPIRED, BILLING_QUOTE_INVALID,
   * BILLING_QUOTE_MISSED
   */
  begin(tx: Store, start: BillingStart): Promise<OpenBill>;
  /**
   * In a transaction, first in it: pays the receipts that hold, gives the rest back and writes the bill.
   * @throws RiosError BILLING_HOLD_ENDED when another ended the request
   */
  end(tx: Store, bill: OpenBill, end: BillingEnd): Promise<RequestBill>;
}

export interface RequestBillingModules {
  readonly networkId: string;
  readonly networkPublicKey: Uint8Array;
  readonly clock: Pick<Clock, 'now'>;
  /** A clock that is never set, ms. */
  readonly monotonicMs: () => number;
}

export function createRequestBilling(_modules: RequestBillingModules): RequestBilling {
  const later = () => Promise.reject(new RiosError('BUG_UNEXPECTED', 'not yet'));
  return { begin: later, end: later };
}
