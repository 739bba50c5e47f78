import { PostgresAdapter, type RawBuilder, sql } from 'kysely';
import type { Store } from './store.ts';

/**
 * The time by the clock of the store, milliseconds, for use inside a query. What several orchestrators must agree
 * on (leases, due times) goes by it, so that it does not matter what their own clocks say.
 */
export function storeTime(store: Store): RawBuilder<number> {
  return store.getExecutor().adapter instanceof PostgresAdapter
    ? sql<number>`cast(extract(epoch from clock_timestamp()) * 1000 as bigint)`
    : sql<number>`cast(unixepoch('subsec') * 1000 as integer)`;
}

/** The time by the clock of the store now, milliseconds. */
export async function readStoreTime(store: Store): Promise<number> {
  const { now } = await store.selectNoFrom(storeTime(store).as('now')).executeTakeFirstOrThrow();
  return now;
}
