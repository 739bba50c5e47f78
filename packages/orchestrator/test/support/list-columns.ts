import { PostgresAdapter, sql } from 'kysely';
import type { Store } from '../../src/store/store.ts';

/** `table.column` of every table of the store. */
export async function listColumns(store: Store): Promise<string[]> {
  const query =
    store.getExecutor().adapter instanceof PostgresAdapter
      ? sql<{ name: string }>`SELECT table_name || '.' || column_name AS name FROM information_schema.columns
          WHERE table_schema = 'public'`
      : sql<{ name: string }>`SELECT t.name || '.' || c.name AS name
          FROM sqlite_master t, pragma_table_info(t.name) c WHERE t.type = 'table'`;
  const { rows } = await query.execute(store);
  return rows.map(({ name }) => name);
}
