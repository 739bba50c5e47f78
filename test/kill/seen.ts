/** What clients of a drill of the accounts were told: after any number of kills, the books say the same. */
export interface Seen {
  /** Requests that were answered to their end, and all their tokens. */
  readonly answered: { readonly id: string; readonly tokens: number }[];
  /** Ids of requests of which an orchestrator said that they failed. */
  readonly refused: string[];
  /** Requests that the client left in the middle. */
  left: number;
  /** Hashes of transactions that deposited, in a block. */
  readonly deposits: string[];
  /** Vouchers that were taken: `<payer> <cumulative wei>`. */
  readonly vouchers: string[];
  /** Epochs that were closed by hand. */
  epochs: number;
  /** What went otherwise than it may, whatever is in the books. */
  readonly wrong: string[];
}

/** Nothing yet. */
export const createSeen = (): Seen => ({
  answered: [],
  refused: [],
  left: 0,
  deposits: [],
  vouchers: [],
  epochs: 0,
  wrong: [],
});
