import { RiosError } from '@rios/sdk/errors/error';
import { Kysely, sql } from 'kysely';
import type { Database } from './database.ts';
import { MIGRATIONS } from './migrations.ts';
import { createSqliteDialect } from './sqlite-dialect.ts';

/** What every function in store/ takes: the store itself, or one transaction on it. */
export type Store = Kysely<Database>;

export interface StoreOptions {
  /** Path of the database file; it is created when missing. */
  readonly file: string;
}

/**
 * Opens the store and brings its schema up to date. Exclusive use of the file is the caller's duty
 * (the lock of the data directory). Close with `store.destroy()`.
 *
 * Inside `store.transaction().execute(async (tx) => …)` use only `tx`: the store has one connection.
 *
 * @throws RiosError CONFLICT_IN_USE when the file was written by a newer RiOS.
 */
export async function createStore(options: StoreOptions): Promise<Store> {
  const store = new Kysely<Database>({ dialect: createSqliteDialect(options.file) });
  try {
    await migrate(store);
    return store;
  } catch (error) {
    await store.destroy();
    throw error;
  }
}

async function migrate(store: Store): Promise<void> {
  await sql`CREATE TABLE IF NOT EXISTS migrations (version INTEGER PRIMARY KEY)`.execute(store);
  const current = await readVersion(store);
  const newest = MIGRATIONS.at(-1)?.version ?? 0;
  if (current > newest) {
    throw new RiosError('CONFLICT_IN_USE', `the store has schema ${current}; this version knows ${newest}`, {
      hint: 'Use the newer RiOS that wrote it, or choose another --data-dir.',
    });
  }
  for (const migration of MIGRATIONS.filter(({ version }) => version > current)) {
    await store.transaction().execute(async (tx) => {
      for (const statement of migration.sql) await sql.raw(statement).execute(tx);
      await sql`INSERT INTO migrations (version) VALUES (${migration.version})`.execute(tx);
    });
  }
}

async function readVersion(store: Store): Promise<number> {
  const found = await sql<{ version: number | null }>`SELECT max(version) AS version FROM migrations`.execute(
    store,
  );
  return found.rows[0]?.version ?? 0;
}
