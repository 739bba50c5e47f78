import { Kysely } from 'kysely';
import type { Database } from './database.ts';
import { POSTGRES, SQLITE } from './engine.ts';
import { migrate } from './migrate.ts';
import { MIGRATIONS } from './migrations/all.ts';
import { createPostgresStore } from './postgres-store.ts';
import { createSqliteDialect, createSqliteReader } from './sqlite-dialect.ts';

/** What every function in store/ takes: the store itself, or one transaction on it. */
export type Store = Kysely<Database>;

/**
 * Where the store is: a file of SQLite, created when missing, or a database of PostgreSQL by its URL
 * (`postgres://user:password@host:port/database`), which several orchestrators may share.
 */
export type StoreOptions = { readonly file: string } | { readonly url: string };

/**
 * Opens the store and brings its schema up to date. Exclusive use of a file is the caller's duty
 * (the lock of the data directory). Close with `store.destroy()`.
 *
 * Inside `store.transaction().execute(async (tx) => …)` use only `tx`: the callback is called again when it loses
 * against another transaction. An error ends the transaction; catching one inside does not save it.
 *
 * @throws RiosError CONFLICT_IN_USE when the store was written by a newer RiOS; SERVICE_UNAVAILABLE when
 * PostgreSQL cannot be reached; both this and CONFLICT_EXISTS (a value that must be unique is there already) come
 * from every function in store/ as well.
 */
export async function createStore(options: StoreOptions): Promise<Store> {
  const isFile = 'file' in options;
  const store = isFile
    ? new Kysely<Database>({ dialect: createSqliteDialect(options.file) })
    : createPostgresStore(options.url);
  try {
    await migrate(store, isFile ? SQLITE : POSTGRES, MIGRATIONS);
    return store;
  } catch (error) {
    await store.destroy();
    throw error;
  }
}

/**
 * Opens a store that another process has open, to read what changes no more: single statements, no transaction. Its
 * schema is as that process left it. Close with `store.destroy()`.
 */
export const openStoreToRead = (options: StoreOptions): Store =>
  'file' in options
    ? new Kysely<Database>({ dialect: createSqliteReader(options.file) })
    : createPostgresStore(options.url, { isReadOnly: true });
