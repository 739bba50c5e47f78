import type { RosContracts } from '@rios/sdk/chain/contracts';
import type { Chain } from '@rios/sdk/chain/open-chain';
import type { EpochView, RewardsView, StatisticsView } from '@rios/sdk/schema/settlement';
import type { BytesAnswer } from '../gateway/endpoint.ts';
import type { EpochPlace } from '../store/epochs.ts';

/** Where epochs are published, and by whom. */
export interface EpochTarget {
  readonly chain: Pick<Chain, 'chainId' | 'provider'>;
  readonly contracts: Pick<RosContracts, 'rewards'>;
  /** Address of the account that sends `publish`. */
  readonly publisher: string;
  /**
   * What publishing an epoch costs, in wei of ROS by the operator's own rate. An epoch closes by itself when a payee
   * of it has earned 50 times as much, or waits for a day; 0 when left out.
   */
  readonly costWei?: bigint;
}

/** The contract of a target, as the store names it. */
export const placeOf = ({ chain, contracts }: EpochTarget): EpochPlace => ({
  chainId: chain.chainId,
  rewards: contracts.rewards.address.toLowerCase(),
});

/** What one step did. `waits` = the newest epoch can still be vetoed, or is not on the chain yet. */
export type EpochStep =
  | { readonly kind: 'idle' | 'not-held' | 'waits' }
  | { readonly kind: 'closed' | 'built' | 'stopped' | 'vetoed'; readonly epoch: number };

export interface EpochPage {
  readonly before?: number | undefined;
  readonly limit?: number | undefined;
}

/** Settles what is charged, epoch by epoch. One orchestrator of a store does it at a time. */
export interface Epochs {
  /**
   * Does the next thing there is to do: notes a veto, builds a closed epoch and writes the intent to publish it, or
   * closes one that is due. Call again and again.
   * @throws RiosError CHAIN_* when the chain cannot be asked; SETTLEMENT_UNBALANCED while publishing is stopped
   */
  step(target: EpochTarget): Promise<EpochStep>;
  /**
   * Closes an epoch now, whatever it is worth; takes up again one that was stopped. The next steps build it.
   * @param by account id of the operator
   * @throws RiosError SERVICE_UNAVAILABLE before the first step; SETTLEMENT_NOTHING; SETTLEMENT_WAITS while the one
   * before is not final; CHAIN_*
   */
  closeNow(by: string): Promise<EpochView>;
  list(page: EpochPage): Promise<readonly EpochView[]>;
  /** @throws RiosError NOT_FOUND_EPOCH */
  show(epoch: number): Promise<EpochView>;
  /** The receipts file. @throws RiosError NOT_FOUND_EPOCH, NOT_FOUND_FILE */
  receipts(epoch: number): Promise<BytesAnswer>;
  /** @throws RiosError NOT_FOUND_REWARDS when it has earned nothing that is published */
  proofOf(address: string): Promise<RewardsView>;
  statistics(): Promise<StatisticsView>;
  /** Kills the processes that build; waits for the step under way. The next start goes on. Idempotent. */
  stop(): Promise<void>;
}
