import type { Provider, Signer } from 'ethers';
import { RiosError } from '../errors/error.ts';
import type { Chain } from './open-chain.ts';

/** What a transaction is to do, before it has a price. contracts.ts makes them. */
export interface TransactionCall {
  readonly to: string;
  /** One line for people: `Deposit 5 ROS into the escrow`. */
  readonly what: string;
  /** 0x and hex. */
  readonly data: string;
  /** Wei of the chain's own coin that goes with it. */
  readonly value?: bigint;
  /** Wei of ROS that it moves. */
  readonly amountWei?: bigint;
}

/** A transaction with everything that its preview shows and its signature covers; fees in wei of the coin. */
export interface PreparedTransaction {
  readonly chainId: number;
  readonly from: string;
  readonly to: string;
  readonly what: string;
  readonly data: string;
  readonly value: bigint;
  readonly amountWei?: bigint;
  readonly gasLimit: bigint;
  readonly maxFeePerGas: bigint;
  readonly maxPriorityFeePerGas: bigint;
  readonly nonce: number;
  /** The most that it can cost in the chain's own coin: gasLimit * maxFeePerGas + value. */
  readonly maxCostWei: bigint;
}

export interface PrepareOptions {
  /** The most to pay for a unit of gas, wei. @throws CHAIN_UNDERPRICED when the chain asks for more */
  readonly maxFeePerGas?: bigint;
  /** In place of the account's next one. */
  readonly nonce?: number;
}

/** A signed transaction; `raw` sent again is the same transaction, never a second one. */
export interface SentTransaction {
  readonly hash: string;
  /** 0x and hex. */
  readonly raw: string;
  readonly from: string;
  readonly nonce: number;
}

export interface SendOptions {
  /** Called with the signed text before anybody else sees it: store it here, so that a restart sends the same bytes. */
  readonly onSigned: (raw: string, hash: string) => Promise<void> | void;
}

/** What became of a transaction. */
export interface TransactionOutcome {
  readonly hash: string;
  readonly blockNumber: number;
  readonly blockHash: string;
  readonly gasUsed: bigint;
  /** What it cost in the chain's own coin, without `value`, wei. */
  readonly feeWei: bigint;
}

export interface WaitOptions {
  readonly timeoutMs: number;
  /** Of the same nonce: earlier and bumped versions, of which any may win. */
  readonly alternatives?: readonly string[];
}

export interface BumpOptions {
  /** At least 1.125; that is also the default. */
  readonly factor?: number;
  /** What the chain asks for now, when it is more. */
  readonly market?: { readonly maxFeePerGas: bigint; readonly maxPriorityFeePerGas: bigint };
}

/**
 * Asks the chain what a call costs at most, and whether it would go through.
 * @throws RiosError QUOTA_BALANCE (details.missing), CHAIN_REVERTED (the contract's own error), CHAIN_UNDERPRICED,
 * CHAIN_UNSUPPORTED (no EIP-1559), CHAIN_UNREACHABLE, CHAIN_TIMEOUT, CHAIN_BAD_ANSWER
 */
export async function prepareTransaction(
  chain: Chain,
  from: string,
  call: TransactionCall,
  options: PrepareOptions = {},
): Promise<PreparedTransaction> {
  throw notYet(chain, from, call, options);
}

/**
 * Signs, hands the signed text out to be stored, and sends it. A broken connection in the middle is answered by
 * sending the same bytes again.
 * @throws RiosError CHAIN_NONCE, CHAIN_UNDERPRICED, QUOTA_BALANCE, CHAIN_UNREACHABLE, CHAIN_TIMEOUT (details.hash)
 */
export async function sendTransaction(
  chain: Chain,
  signer: Signer,
  prepared: PreparedTransaction,
  options: SendOptions,
): Promise<SentTransaction> {
  throw notYet(chain, signer, prepared, options);
}

/** Sends a signed transaction (again): idempotent by its hash. @throws as sendTransaction */
export async function broadcastTransaction(chain: Chain, raw: string): Promise<SentTransaction> {
  throw notYet(chain, raw);
}

/**
 * Waits until a transaction, or an alternative of it, lies as deep as the chain's policy asks for.
 * @throws RiosError CHAIN_TIMEOUT (it may still come through), CHAIN_REVERTED (with the contract's own error),
 * CHAIN_NONCE (another transaction of this account took its place)
 */
export async function waitForTransaction(
  chain: Chain,
  hash: string,
  options: WaitOptions,
): Promise<TransactionOutcome> {
  throw notYet(chain, hash, options);
}

/** The same transaction with higher fees, to be previewed, signed and sent in place of a stuck one. Pure. */
export function bumpTransaction(prepared: PreparedTransaction, options: BumpOptions = {}): PreparedTransaction {
  throw notYet(prepared, options);
}

/** Reads a stored signed transaction back. Pure. @throws RiosError USER_INVALID_REQUEST */
export function readSigned(raw: string, what: string): PreparedTransaction & { readonly hash: string } {
  throw notYet(raw, what);
}

/** What a unit of gas costs now, wei. @throws RiosError CHAIN_UNSUPPORTED when the chain has no EIP-1559 */
export async function readFees(
  provider: Provider,
): Promise<{ readonly maxFeePerGas: bigint; readonly maxPriorityFeePerGas: bigint }> {
  throw notYet(provider);
}

const notYet = (...values: unknown[]) => new RiosError('BUG_UNEXPECTED', `not written yet: ${values.length}`);
