import { liveIds } from './orchestrators.ts';
import type { Store } from './store.ts';

/** One try to make the call of a key. */
export interface ClaimedKey {
  /** Of the account and the key; the key itself is not stored. */
  readonly id: string;
  readonly claimId: string;
}

export interface ClaimFields {
  readonly accountId: string;
  readonly fingerprint: string;
  readonly now: number;
  /** Until then nobody else may make the call. */
  readonly leaseUntil: number;
  readonly expiresAt: number;
  /** Peer id of who makes the call. */
  readonly orchestrator: string;
}

/** What stands for a key: `claimId` tells whose try it is. */
export interface StoredKey {
  readonly claimId: string;
  readonly fingerprint: string;
  readonly state: 'running' | 'done';
  /** Null while running, and when it was not kept. */
  readonly answer: Uint8Array | null;
}

/** Keys of calls that are made once. Safe for several orchestrators on one store. */
export interface IdempotencyStore {
  /** Takes the key when nobody has it (or had it, too long ago); gives what stands for it then. */
  claim(key: ClaimedKey, fields: ClaimFields): Promise<StoredKey>;
  /** The call was done. Nothing happens when the claim has passed to another. */
  finish(key: ClaimedKey, answer: Uint8Array | null): Promise<void>;
  /** The call failed: the key is free again, unless what the call does was kept with its answer. */
  release(key: ClaimedKey): Promise<void>;
  /** Forgets what has expired. */
  sweep(now: number): Promise<void>;
}

export function createIdempotencyStore(store: Store): IdempotencyStore {
  return {
    claim: async ({ id, claimId }, { accountId, fingerprint, now, leaseUntil, expiresAt, orchestrator }) => {
      const state = 'running' as const;
      const columns = {
        claim_id: claimId,
        account_id: accountId,
        fingerprint,
        state,
        answer: null,
        orchestrator,
      };
      const times = { lease_until: leaseUntil, expires_at: expiresAt };
      await store
        .insertInto('idempotency_keys')
        .values({ id, ...columns, ...times })
        .onConflict((conflict) =>
          conflict
            .column('id')
            .doUpdateSet({ ...columns, ...times })
            .where(({ and, or, eb }) =>
              or([
                eb('idempotency_keys.expires_at', '<=', now),
                and([
                  eb('idempotency_keys.state', '=', 'running'),
                  eb('idempotency_keys.lease_until', '<=', now),
                ]),
              ]),
            ),
        )
        .execute();
      const row = await store
        .selectFrom('idempotency_keys')
        .select(['claim_id', 'fingerprint', 'state', 'answer'])
        .where('id', '=', id)
        .executeTakeFirst();
      // freed in this very moment by who had it: to be tried again, as one in flight is
      if (row === undefined) return { claimId: '', fingerprint, state, answer: null };
      return { claimId: row.claim_id, fingerprint: row.fingerprint, state: row.state, answer: row.answer };
    },
    finish: async (key, answer) => {
      await finishKey(store, key, answer);
    },
    release: async ({ id, claimId }) => {
      await store
        .deleteFrom('idempotency_keys')
        .where('id', '=', id)
        .where('claim_id', '=', claimId)
        .where('state', '=', 'running')
        .execute();
    },
    sweep: async (now) => {
      await store.deleteFrom('idempotency_keys').where('expires_at', '<=', now).execute();
    },
  };
}

/**
 * The call was done; in a transaction of its own effects, both are there or neither. False when the claim has passed
 * to another: then nothing happens.
 */
export async function finishKey(
  store: Store,
  { id, claimId }: ClaimedKey,
  answer: Uint8Array | null,
): Promise<boolean> {
  const { numUpdatedRows } = await store
    .updateTable('idempotency_keys')
    .set({ state: 'done', answer })
    .where('id', '=', id)
    .where('claim_id', '=', claimId)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** An orchestrator that has just started: nobody makes the calls that it was making, and they may be made again. */
export async function freeOwnKeys(store: Store, orchestrator: string): Promise<void> {
  await store
    .deleteFrom('idempotency_keys')
    .where('state', '=', 'running')
    .where('orchestrator', '=', orchestrator)
    .execute();
}

/** The same for the calls of orchestrators that live no more. */
export async function freeKeysOfGone(store: Store): Promise<void> {
  await store
    .deleteFrom('idempotency_keys')
    .where('state', '=', 'running')
    .where('orchestrator', 'not in', liveIds(store))
    .execute();
}

/** Whether `freeKeysOfGone` would free any. */
export async function hasKeysOfGone(store: Store): Promise<boolean> {
  const row = await store
    .selectFrom('idempotency_keys')
    .select('id')
    .where('state', '=', 'running')
    .where('orchestrator', 'not in', liveIds(store))
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}
