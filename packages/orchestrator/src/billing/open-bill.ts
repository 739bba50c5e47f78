import type { PriceTable } from '@rios/sdk/billing/price-table';
import type { Quote, QuoteBundle } from '@rios/sdk/schema/quote';
import type { Receipt } from '@rios/sdk/schema/trust';
import type { BillOutcome } from '../store/billing-tables.ts';
import type { BilledTicket } from './billed-request.ts';

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
  /** Wall clock and a clock that is never set, ms, when the tickets were issued. */
  readonly startedAt: number;
  readonly startedMonotonicMs: number;
}

/** How an attempt ended. */
export interface BillingEnd {
  readonly outcome: BillOutcome;
  /** Error code of a request that did not end well. */
  readonly reason: string | null;
  /** What workers signed; what of it is paid is the bill's to say. */
  readonly receipts: readonly Receipt[];
  /** The work was found to be wrong: nobody is paid. */
  readonly isWrong?: boolean;
}
