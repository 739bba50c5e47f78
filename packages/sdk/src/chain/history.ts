import { RiosError } from '../errors/error.ts';
import type { ContractAddresses } from './deployment.ts';
import type { Chain } from './open-chain.ts';

/** What happened to an account's money. */
export type HistoryKind =
  | 'received'
  | 'sent'
  | 'deposited'
  | 'collected'
  | 'exit-started'
  | 'exit-cancelled'
  | 'withdrawn'
  | 'session-authorised'
  | 'session-revoked'
  | 'worker-registered'
  | 'worker-deregistered'
  | 'staked'
  | 'unbonding-started'
  | 'unbonded'
  | 'slashed'
  | 'claimed';

export interface HistoryEntry {
  readonly kind: HistoryKind;
  readonly blockNumber: number;
  readonly blockHash: string;
  readonly transactionHash: string;
  readonly logIndex: number;
  /** Milliseconds since 1970: of its block. */
  readonly at: number;
  /** Wei of ROS, where it is about an amount. */
  readonly amountWei?: bigint;
  /** The other side of a transfer; a session's key; who paid in. */
  readonly counterparty?: string;
  readonly workerId?: string;
}

export interface HistoryRange {
  readonly fromBlock: number;
  readonly toBlock: number;
  /** Blocks asked for at once; halved when the RPC finds an answer too large. */
  readonly pageBlocks: number;
}

/**
 * What the account did and what was done to it, oldest first, read from the contracts' events page by page.
 * @throws RiosError CHAIN_BAD_ANSWER when the RPC gives events that were not asked for, CHAIN_*
 */
export async function* readHistory(
  chain: Chain,
  addresses: ContractAddresses,
  account: string,
  range: HistoryRange,
): AsyncGenerator<HistoryEntry, void, undefined> {
  throw new RiosError('BUG_UNEXPECTED', `not written yet: ${[chain, addresses, account, range].length}`);
}
