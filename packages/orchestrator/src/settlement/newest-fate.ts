import { findIntent } from '../store/chain-intents.ts';
import type { StoredEpoch } from '../store/epochs.ts';
import type { Store } from '../store/store.ts';
import { checkNext, type EpochFate, fateOf, numberAfter, readHeads } from './epoch-heads.ts';
import type { EpochTarget } from './epochs-port.ts';

/**
 * What keeps the next epoch from being closed. `closing`: the newest is to be built first. `stopped`, `vetoed`, `failed`:
 * an operator must look. `sending`: its transaction is on its way. `taken back`: it was on the chain, and is not now.
 */
export type NewestFate =
  | { readonly kind: 'closing' | 'stopped' | 'vetoed'; readonly epoch: StoredEpoch }
  | { readonly kind: 'sending' | 'failed' | 'taken back'; readonly epoch: StoredEpoch }
  | (EpochFate & { readonly kind: 'waits'; readonly epoch: StoredEpoch })
  | { readonly kind: 'none' };

/**
 * Asks the chain only where the store does not know.
 * @throws RiosError CHAIN_*; SETTLEMENT_UNBALANCED when the chain has other epochs than the store
 */
export async function fateOfNewest(
  store: Store,
  epoch: StoredEpoch | undefined,
  target: EpochTarget,
): Promise<NewestFate> {
  if (epoch !== undefined && epoch.state !== 'built') return { kind: epoch.state, epoch };
  const intent = epoch && (await findIntent(store, epoch.intent_key ?? ''));
  if (epoch !== undefined && intent?.state !== 'done') {
    return { kind: intent?.state === 'failed' ? 'failed' : 'sending', epoch };
  }
  const heads = await readHeads(target);
  if (epoch !== undefined) {
    const fate = fateOf(epoch.epoch, heads);
    if (fate.kind === 'absent') return { kind: 'taken back', epoch };
    if (fate.kind === 'waits') return { ...fate, epoch };
  }
  checkNext(numberAfter(epoch), heads);
  return { kind: 'none' };
}
