import type { StoredBinding } from '../store/wallet-bindings.ts';
import type { StoredStake } from '../store/worker-stakes.ts';

/** What is known of a worker's wallet and stake. */
export interface StakeFact {
  readonly address: string;
  readonly sequence: number;
  readonly expiresAt: number;
  /** Wei of ROS; null = not read yet. */
  readonly stakeWei: bigint | null;
  /** When the chain last said so; null = never. */
  readonly readAt: number | null;
}

/** What counts of the bindings and of what was read, by peer id: a stake counts for the wallet it was read for. Pure. */
export function stakeFacts(
  bindings: readonly StoredBinding[],
  stakes: ReadonlyMap<string, StoredStake>,
): ReadonlyMap<string, StakeFact> {
  return new Map(bindings.map((binding) => [binding.peerId, factOf(binding, stakes.get(binding.peerId))]));
}

function factOf({ address, sequence, expiresAt }: StoredBinding, stake: StoredStake | undefined): StakeFact {
  if (stake === undefined || stake.address !== address) {
    return { address, sequence, expiresAt, stakeWei: null, readAt: null };
  }
  return { address, sequence, expiresAt, stakeWei: stake.stakeWei, readAt: stake.readAt };
}

/** Peer ids whose stake counts for another amount than before. Pure. */
export function changedStakes(
  before: ReadonlyMap<string, StakeFact>,
  after: ReadonlyMap<string, StakeFact>,
): string[] {
  const amountOf = (facts: ReadonlyMap<string, StakeFact>, peerId: string) =>
    facts.get(peerId)?.stakeWei ?? null;
  const peerIds = new Set([...before.keys(), ...after.keys()]);
  return [...peerIds].filter((peerId) => amountOf(before, peerId) !== amountOf(after, peerId));
}
