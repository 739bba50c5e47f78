import type { Store } from '../store/store.ts';

/**
 * Whose money it is. `user:` has it, `held:` has it reserved, `worker:` earned it and is not yet paid; `platform` is
 * the operator's, `carry` what rounding left. The others are where money comes from and goes to, and are below zero or
 * above as they like: `escrow` (deposits on the chain), `trial` (credit that was given), `settled` (published epochs).
 */
export type LedgerAccount =
  | `user:${string}`
  | `held:${string}`
  | `worker:${string}`
  | 'platform'
  | 'carry'
  | 'escrow'
  | 'trial'
  | 'settled';

/** What one account gets (above zero) or gives (below zero) in a transfer, wei of ROS. */
export interface LedgerEntry {
  readonly account: LedgerAccount;
  readonly amountWei: bigint;
}

/** What one accepted receipt costs the user. The ledger captures it; splitCharge says who gets what of it. */
export interface Charge {
  /** As in `worker:<worker>`: a peer id. */
  readonly worker: string;
  /** Token rows. */
  readonly units: number;
  /** Wei of ROS per 1,000,000 units: the receipt's, never above what was agreed. */
  readonly priceWei: bigint;
  /** Rounded down by priceUsage; may be 0. */
  readonly amountWei: bigint;
  /** Nonce of the ticket under which the work was done: one charge for each at most. */
  readonly receiptNonce: string;
}

export interface Transfer {
  /** Names what is done, so that doing it again does nothing: `<request id>:reserve`. */
  readonly key: string;
  /** For example `deposit`. */
  readonly kind: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Each account once, at most 256 of them; amounts below 10^30; their sum is zero. */
  readonly entries: readonly LedgerEntry[];
  /** What it is about: the id of a request, of a transaction. */
  readonly ref: string;
  /** What is paid for, line by line. */
  readonly charges?: readonly Charge[];
}

/** A transfer as the ledger has it. Ids ascend in the order in which transfers became visible. */
export interface PostedTransfer extends Omit<Transfer, 'charges'> {
  readonly id: number;
  readonly charges: readonly Charge[];
}

export interface TransferPage {
  readonly account?: LedgerAccount;
  /** Only transfers with a higher id. */
  readonly after?: number;
  readonly limit: number;
}

/** False when the same was done before: nothing has changed then. */
export interface Posting {
  readonly id: number;
  readonly isNew: boolean;
}

export interface Reservation {
  readonly requestId: string;
  /** Who pays. */
  readonly accountId: string;
  readonly amountWei: bigint;
}

export interface Capture {
  readonly requestId: string;
  readonly charges: readonly Charge[];
}

/**
 * The accounts, by double entry. What takes `tx` belongs in a transaction with what it is about, best as the first
 * of it: the others wait, and need not begin anew. An error ends that transaction. Of a request there is one reservation and one end of it: captured or released.
 */
export interface Ledger {
  /**
   * @throws RiosError CONFLICT_LEDGER_KEY when the key was used for something else; QUOTA_BALANCE when a user's,
   * held or a worker's account would fall below zero (details: account, missingWei)
   */
  post(tx: Store, transfer: Transfer): Promise<Posting>;
  /** Zero for an account that has no entries. */
  balanceOf(store: Store, account: LedgerAccount): Promise<bigint>;
  /** By ascending id. */
  listTransfers(store: Store, page: TransferPage): Promise<PostedTransfer[]>;
  /** Sets money of a user aside for a request. @throws RiosError as `post` does */
  reserve(tx: Store, reservation: Reservation): Promise<Posting>;
  /**
   * Pays the charges from what was reserved and gives the rest back.
   * @throws RiosError NOT_FOUND_HOLD without a reservation; BILLING_HOLD_ENDED when it was released, or captured for
   * other charges; BILLING_HOLD_EXCEEDED when the charges are more than was reserved
   */
  capture(tx: Store, capture: Capture): Promise<Posting>;
  /** Gives all of it back. @throws RiosError NOT_FOUND_HOLD; BILLING_HOLD_ENDED when it was captured */
  release(tx: Store, requestId: string): Promise<Posting>;
}
