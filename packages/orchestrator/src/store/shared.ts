import { PostgresAdapter } from 'kysely';
import type { Store } from './store.ts';

/**
 * Whether other orchestrators may write the store too. A file has one owner (the lock of its data directory), who
 * hears of every change at once; a database is read again and again for what the others wrote.
 */
export const isShared = (store: Store): boolean => store.getExecutor().adapter instanceof PostgresAdapter;
