// Migrates a store through many steps and leaves; the tests kill it on the way.
//   node migrating-process.ts '{"file": …}' | '{"url": …}'
import { Kysely, sql } from 'kysely';
import type { Database } from '../../src/store/database.ts';
import { POSTGRES, SQLITE } from '../../src/store/engine.ts';
import { migrate } from '../../src/store/migrate.ts';
import type { Migration } from '../../src/store/migrations/migration.ts';
import { createPostgresStore } from '../../src/store/postgres-store.ts';
import { createSqliteDialect } from '../../src/store/sqlite-dialect.ts';
import type { StoreOptions } from '../../src/store/store.ts';

/** Each makes three tables and fills the last one, so that half a step would show. */
export const MANY_MIGRATIONS: readonly Migration[] = Array.from({ length: 25 }, (_, index) => ({
  version: index + 1,
  statements: ({ integer }) => [
    ...['a', 'b', 'c'].map((name) => `CREATE TABLE step_${index}_${name} (value ${integer} NOT NULL)`),
    `INSERT INTO step_${index}_c VALUES (${index})`,
  ],
}));

/** Opens a store without its own schema and gives it that of the test. */
export async function openManyMigrations(options: StoreOptions): Promise<Kysely<Database>> {
  const isFile = 'file' in options;
  const store = isFile
    ? new Kysely<Database>({ dialect: createSqliteDialect(options.file) })
    : createPostgresStore(options.url);
  await migrate(store, isFile ? SQLITE : POSTGRES, MANY_MIGRATIONS);
  return store;
}

/** What the table `step_<step>_<name>` holds. */
export async function readStep(store: Kysely<Database>, step: number, name: string): Promise<number[]> {
  const found = await sql<{ value: number }>`SELECT value FROM ${sql.table(`step_${step}_${name}`)}`.execute(
    store,
  );
  return found.rows.map(({ value }) => value);
}

if (import.meta.main) {
  process.stdout.write('begins\n');
  const store = await openManyMigrations(JSON.parse(process.argv[2] ?? ''));
  await store.destroy();
}
