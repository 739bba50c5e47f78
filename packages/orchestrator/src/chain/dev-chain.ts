import type { RiosError } from '@rios/sdk/errors/error';

/** A JSON-RPC call to a chain (EIP-1474 methods). */
export interface RpcCall {
  readonly method: string;
  readonly params: readonly unknown[];
}

/** What a chain said no with: `code` as in EIP-1474, `data` the revert data, if any. */
export interface RpcFailure {
  readonly code: number;
  readonly message: string;
  readonly data?: unknown;
}

export type RpcAnswer = { readonly result: unknown } | { readonly error: RpcFailure };

/** An Ethereum chain of our own for development: one block for each transaction, kept in a journal. */
export interface DevChain {
  readonly chainId: number;
  /** Height and hash of the newest block. */
  head(): Promise<{ readonly height: number; readonly hash: string }>;
  /**
   * Answers one call; one after the other, so that nobody sees a block that is not in the journal yet. A transaction
   * is acknowledged when it is on the disk.
   */
  request(call: RpcCall): Promise<RpcAnswer>;
  /** Resolves when a block could not be kept: then nothing is answered any more, until the journal is opened anew. */
  readonly failed: Promise<RiosError>;
  /** Waits for what is under way and lets the journal go. Idempotent. */
  stop(): Promise<void>;
}
