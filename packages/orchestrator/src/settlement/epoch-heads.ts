import { chainError } from '@rios/sdk/chain/chain-error';
import { RiosError } from '@rios/sdk/errors/error';
import type { StoredEpoch } from '../store/epochs.ts';
import type { EpochTarget } from './epochs-port.ts';

/** What the rewards contract says of its newest epochs. Times in seconds since 1970; `now` of its newest block. */
export interface EpochHeads {
  readonly live: number;
  /** Undefined when none waits. */
  readonly pending: { readonly epoch: number; readonly readyAt: number } | undefined;
  readonly now: number;
}

/** The waiting root first: one that takes effect between the two questions is seen by the second. @throws CHAIN_* */
export async function readHeads({ chain, contracts }: EpochTarget): Promise<EpochHeads> {
  const { epoch, readyAt } = await contracts.rewards.pending();
  const live = await contracts.rewards.live();
  const block = await chain.provider.getBlock('latest').catch((error: unknown) => {
    throw chainError(error);
  });
  if (block === null) throw new RiosError('CHAIN_BAD_ANSWER', 'the RPC has no newest block');
  return {
    live: live.epoch,
    pending: readyAt === 0 ? undefined : { epoch, readyAt },
    now: block.timestamp,
  };
}

/**
 * What became of an epoch on the chain. `absent`: it is not there; `waits`: it can be vetoed until then; `final`: it
 * counts, or will with the next transaction.
 */
export type EpochFate =
  | { readonly kind: 'absent' | 'final' }
  | { readonly kind: 'waits'; readonly readyAt: number };

/** Pure. */
export function fateOf(epoch: number, { live, pending, now }: EpochHeads): EpochFate {
  if (live >= epoch) return { kind: 'final' };
  if (pending?.epoch !== epoch) return { kind: 'absent' };
  return now >= pending.readyAt ? { kind: 'final' } : { kind: 'waits', readyAt: pending.readyAt };
}

/** The number of the epoch after `newest`. Pure. */
export const numberAfter = (newest: StoredEpoch | undefined): number =>
  newest === undefined ? 1 : newest.state === 'vetoed' ? newest.epoch : newest.epoch + 1;

/** @throws RiosError SETTLEMENT_UNBALANCED when the chain has not the epoch before `next` for its newest. Pure. */
export function checkNext(next: number, { live, pending }: EpochHeads): void {
  const newest = pending?.epoch ?? live;
  if (newest === next - 1) return;
  throw new RiosError('SETTLEMENT_UNBALANCED', `epoch ${next} comes next, but the chain has ${newest}`, {
    details: { next, live, pending: pending?.epoch ?? null },
  });
}
