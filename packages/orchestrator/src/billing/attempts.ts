import type { Store } from '../store/store.ts';
import { findOpenHold, type Hold } from './holds.ts';

/** A request that lost its worker before the answer began is tried once more. */
export const MAX_ATTEMPTS = 2;

/** Name of an attempt's reservation in the ledger. */
export const holdIdOf = (requestId: string, attempt: number): string =>
  attempt === 1 ? requestId : `${requestId}/${attempt}`;

/** What is still reserved for a request. */
export async function findOpenHolds(tx: Store, requestId: string): Promise<Hold[]> {
  const holds: Hold[] = [];
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
    const hold = await findOpenHold(tx, holdIdOf(requestId, attempt));
    if (hold !== undefined) holds.push(hold);
  }
  return holds;
}
