import type { Provider } from 'ethers';
import { type Clock, systemClock } from '../clock.ts';
import { RiosError } from '../errors/error.ts';

export interface ChainOptions {
  /** http or https; may hold a key of the RPC, so it is never shown or logged. */
  readonly rpcUrl: string;
  /** The chain that must answer there; left out = whichever does. */
  readonly chainId?: number;
  /** How deep a block must lie before it counts: blocks on top of it, or the chain's own `finalized` tag. */
  readonly confirmations: number | 'finalized';
  /** A dev chain makes blocks at once and takes none back. */
  readonly isDevChain: boolean;
  /** Deadline of one call to the RPC, milliseconds; 10,000 when left out. */
  readonly timeoutMs?: number;
}

/** When a transaction counts as done, and how often to ask. */
export interface ChainPolicy {
  readonly confirmations: number | 'finalized';
  readonly isDevChain: boolean;
  readonly pollMs: number;
}

/** A chain behind a JSON-RPC whose answers are bounded, timed and checked for contradictions. */
export interface Chain {
  /** Of ethers. Its calls throw RiosError CHAIN_UNREACHABLE, CHAIN_TIMEOUT or CHAIN_BAD_ANSWER. */
  readonly provider: Provider;
  readonly chainId: number;
  readonly policy: ChainPolicy;
  readonly clock: Clock;
  /** Idempotent. */
  close(): void;
}

/**
 * Connects to an Ethereum-compatible RPC and checks that it is the chain that is meant.
 * @throws RiosError CHAIN_WRONG_ID, CHAIN_UNREACHABLE, CHAIN_TIMEOUT, CHAIN_BAD_ANSWER, USER_INVALID_REQUEST (URL)
 */
export async function openChain(options: ChainOptions, clock: Clock = systemClock): Promise<Chain> {
  throw new RiosError('BUG_UNEXPECTED', `not written yet: ${clock.now()} ${options.isDevChain}`);
}
