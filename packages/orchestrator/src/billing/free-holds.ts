import { takeTurn } from '../store/ledger.ts';
import type { Store } from '../store/store.ts';
import { captureBudgets } from './account-budgets.ts';
import { findOpenHolds } from './attempts.ts';
import { type Hold, releaseHold } from './holds.ts';

/** In a transaction: gives back what is still reserved for a request; what it was. */
export async function freeHolds(tx: Store, requestId: string, now: number): Promise<readonly Hold[]> {
  await takeTurn(tx);
  const holds = await findOpenHolds(tx, requestId);
  for (const hold of holds) {
    await releaseHold(tx, hold, now);
    const { accountId, heldWei: reservedWei } = hold;
    await captureBudgets(tx, { accountId, reservedWei, spentWei: 0n, now });
  }
  return holds;
}
