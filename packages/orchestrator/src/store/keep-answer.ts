import type { Store } from './store.ts';

/**
 * Keeps the answer of the call that is being made, in the transaction that does what it says: after a death right
 * after the commit the same Idempotency-Key gives this answer, and nothing is done twice.
 * @throws RiosError CONFLICT_IN_FLIGHT when the call was given to another meanwhile: the transaction must end
 */
export type KeepAnswer = (tx: Store, answer: unknown) => Promise<void>;

/** For calls without a key. */
export const keepNothing: KeepAnswer = async () => {};
