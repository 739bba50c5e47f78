import type { Quote } from '@rios/sdk/schema/quote';

/** The terms under which one ticket of a request was issued: what a receipt for it may claim at most. */
export interface BilledTicket {
  readonly nonce: string;
  /** Peer id of the audience, who serves it. */
  readonly worker: string;
  readonly parts: readonly string[];
  /** Token rows. */
  readonly maxUnits: number;
  /** The worker's ask when the ticket was issued, wei of ROS per 1,000,000 units. */
  readonly askWei: bigint;
}

/** When a request ran, in ms, by the orchestrator's clocks. */
export interface RequestTimes {
  /** Wall clock when its tickets were issued. */
  readonly startedAt: number;
  /** Wall clock when the receipts came. */
  readonly receivedAt: number;
  /** Between the two, by a clock that is never set: it shows a jump of the wall clock. */
  readonly elapsedMs: number;
}

/** What a request was, for its bill. */
export interface BilledRequest {
  readonly networkId: string;
  readonly requestId: string;
  readonly modelHash: string;
  readonly tickets: readonly BilledTicket[];
  readonly times: RequestTimes;
  /** Only what was served is paid: a failed request costs nothing. */
  readonly outcome: 'served' | 'failed';
  /** Nonces of tickets whose work was found to be wrong. */
  readonly wrong?: ReadonlySet<string>;
  readonly quote?: Quote;
}
