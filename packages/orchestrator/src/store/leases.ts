import { RiosError } from '@rios/sdk/errors/error';
import { sql } from 'kysely';
import type { Store } from './store.ts';
import { storeTime } from './store-time.ts';

/** A time-limited right that one holder at a time has, among all orchestrators of a store. */
export interface Lease {
  readonly name: string;
  readonly holder: string;
  /** Higher than that of every holder before: what was written under a lower one is out of date. */
  readonly token: number;
}

/**
 * Takes the lease `name` for `ttlMs` if nobody else holds it; undefined when somebody does. Who holds it already
 * gets it for longer, with the same token. Time is the store's own.
 */
export async function acquireLease(
  store: Store,
  name: string,
  holder: string,
  ttlMs: number,
): Promise<Lease | undefined> {
  const now = storeTime(store);
  const endsAt = sql<number>`${now} + cast(${Math.ceil(ttlMs)} as bigint)`;
  const row = await store
    .insertInto('leases')
    .values({ name, holder, token: 1, ends_at: endsAt })
    .onConflict((conflict) =>
      conflict
        .column('name')
        .doUpdateSet({
          holder,
          ends_at: endsAt,
          token: sql<number>`leases.token + case when leases.holder = ${holder} and leases.ends_at > ${now} then 0 else 1 end`,
        })
        .where(({ or, eb }) => or([eb('leases.holder', '=', holder), eb('leases.ends_at', '<=', now)])),
    )
    .returning('token')
    .executeTakeFirst();
  return row === undefined ? undefined : { name, holder, token: row.token };
}

/**
 * Takes the lease from whoever has it: for the only owner of a store, which knows that no other holder lives.
 * Its token is higher than that of every other holder before.
 */
export async function seizeLease(store: Store, name: string, holder: string, ttlMs: number): Promise<Lease> {
  return store.transaction().execute(async (tx) => {
    await tx.updateTable('leases').set({ ends_at: 0 }).where('name', '=', name).execute();
    const lease = await acquireLease(tx, name, holder, ttlMs);
    if (lease === undefined)
      throw new RiosError('BUG_UNEXPECTED', `the lease ${name} is held in spite of its end`);
    return lease;
  });
}

/**
 * True while the lease is held under this token. Asked inside a transaction, what that transaction writes is
 * written by the holder or, if another takes the lease meanwhile, not at all.
 */
export async function holdsLease(store: Store, { name, token }: Lease): Promise<boolean> {
  const row = await store
    .selectFrom('leases')
    .select('token')
    .where('name', '=', name)
    .where('token', '=', token)
    .where('ends_at', '>', storeTime(store))
    .executeTakeFirst();
  return row !== undefined;
}

/** What `asHolder` gives when the lease is held no more. */
export const NOT_HELD = Symbol('the lease is not held');

/** Does `work` in one transaction if the lease is held then, so that nobody else has it before the end. */
export async function asHolder<T>(
  store: Store,
  lease: Lease,
  work: (tx: Store) => Promise<T>,
): Promise<T | typeof NOT_HELD> {
  return store
    .transaction()
    .execute<T | typeof NOT_HELD>(async (tx) => ((await holdsLease(tx, lease)) ? work(tx) : NOT_HELD));
}

/** Gives the lease back before its time; nothing when it was lost. Its tokens go on counting. */
export async function releaseLease(store: Store, { name, token }: Lease): Promise<void> {
  await store
    .updateTable('leases')
    .set({ ends_at: 0 })
    .where('name', '=', name)
    .where('token', '=', token)
    .execute();
}
