import type { BindingRevocation } from '@rios/sdk/schema/binding';
import type { Signed } from '@rios/sdk/schema/trust';

/** A wallet that is an operator's, as a statement says it whose signatures were checked. */
export interface CheckedBinding {
  readonly address: string;
  readonly sequence: number;
  readonly expiresAt: number;
}

/** Where stakes are read. Its calls throw RiosError CHAIN_*. */
export interface StakeSource {
  /** The newest block that counts by the chain's policy. */
  block(): Promise<number>;
  /** Wei of ROS at stake, and on their way out, for one operator's worker as of a block. */
  stakeOf(operator: string, peerId: string, block: number): Promise<StakeReading>;
  close(): void;
}

export interface StakeReading {
  readonly stakeWei: bigint;
  readonly unbondingWei: bigint;
  /** Where its earnings go by the registry; null = it is not registered there. */
  readonly payout: string | null;
}

/** Which registry there is to read. */
export interface FoundRegistry {
  /** `<chain id>:<address>`. */
  readonly registry: string;
  /** How often to look for a new block. */
  readonly pollMs: number;
}

/** The chain that a network settles on, as far as workers are concerned. Nothing is loaded before it is used. */
export interface ChainAccess {
  /** The chain as it is now; undefined while there is none yet. */
  find(): Promise<FoundRegistry | undefined>;
  /** @throws RiosError AUTH_BINDING, INTEGRITY_SIGNATURE, CHAIN_ABSENT */
  checkBinding(
    statement: Signed,
    of: { readonly peerId: string; readonly now: number },
  ): Promise<CheckedBinding>;
  /** Who takes back what. @throws as checkBinding */
  checkRevocation(
    revocation: BindingRevocation,
  ): Promise<{ readonly peerId: string; readonly address: string; readonly sequence: number }>;
  /** @throws RiosError CHAIN_ABSENT, CHAIN_* */
  openStakes(): Promise<StakeSource>;
}
