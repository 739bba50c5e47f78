/** What a transaction is to do, before it has a price. contracts.ts makes them. */
export interface TransactionCall {
  readonly to: string;
  /** One line for people: `Deposit 5 ROS`. */
  readonly what: string;
  /** 0x and hex. */
  readonly data: string;
  /** Wei of the chain's own coin that goes with it. */
  readonly value?: bigint;
  /** Wei of ROS that it is about. */
  readonly amountWei?: bigint;
}

/** What a unit of gas may cost (EIP-1559), wei of the chain's own coin. */
export interface GasFees {
  readonly maxFeePerGas: bigint;
  readonly maxPriorityFeePerGas: bigint;
}

/** A transaction with everything that its preview shows and its signature covers. */
export interface PreparedTransaction extends GasFees {
  readonly chainId: number;
  readonly from: string;
  readonly to: string;
  readonly what: string;
  readonly data: string;
  readonly value: bigint;
  readonly amountWei?: bigint;
  readonly gasLimit: bigint;
  readonly nonce: number;
  /** The most that it can cost in wei of the chain's own coin: gasLimit * maxFeePerGas + value. */
  readonly maxCostWei: bigint;
}

/** A signed transaction; `raw` sent again is the same transaction, never a second one. */
export interface SentTransaction {
  readonly hash: string;
  /** 0x and hex. */
  readonly raw: string;
  readonly from: string;
  readonly nonce: number;
}

/** What became of a transaction. */
export interface TransactionOutcome {
  /** Of the one that won, where there were several with one nonce. */
  readonly hash: string;
  readonly blockNumber: number;
  readonly blockHash: string;
  readonly gasUsed: bigint;
  /** What it cost without `value`, wei of the chain's own coin. */
  readonly feeWei: bigint;
}

/** The most that a transaction can cost, wei of the chain's own coin. */
export const maxCostOf = (gasLimit: bigint, { maxFeePerGas }: GasFees, value: bigint): bigint =>
  gasLimit * maxFeePerGas + value;
