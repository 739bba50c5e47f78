import { RiosError } from '@rios/sdk/errors/error';
import { type Kysely, sql } from 'kysely';
import type { Database } from './database.ts';
import type { Engine } from './engine.ts';
import type { Migration } from './migrations/migration.ts';

/**
 * Brings the schema up to the newest of `migrations`. Each is one transaction under a lock of the whole store,
 * so several orchestrators may start at once, and a kill leaves the store at the migration before.
 * @throws RiosError CONFLICT_IN_USE when a newer RiOS wrote the store.
 */
export async function migrate(
  store: Kysely<Database>,
  engine: Engine,
  migrations: readonly Migration[],
): Promise<void> {
  for (;;) {
    const applied = await store.connection().execute((connection) => step(connection, engine, migrations));
    if (!applied) return;
  }
}

/** Applies the oldest missing migration; false when there is none. */
async function step(
  connection: Kysely<Database>,
  { types, lockSchema }: Engine,
  migrations: readonly Migration[],
): Promise<boolean> {
  for (const statement of lockSchema) await sql.raw(statement).execute(connection);
  try {
    const applied = await readVersions(connection);
    checkKnown(applied, migrations);
    const next = migrations.find(({ version }) => !applied.includes(version));
    for (const statement of next?.statements(types) ?? []) await sql.raw(statement).execute(connection);
    if (next !== undefined) {
      await sql`INSERT INTO migrations (version) VALUES (${next.version})`.execute(connection);
    }
    await sql.raw('commit').execute(connection);
    return next !== undefined;
  } catch (error) {
    // A lost connection was rolled back by the server: the first error says more.
    await sql
      .raw('rollback')
      .execute(connection)
      .catch(() => {});
    throw error;
  }
}

async function readVersions(connection: Kysely<Database>): Promise<number[]> {
  await sql`CREATE TABLE IF NOT EXISTS migrations (version INTEGER PRIMARY KEY)`.execute(connection);
  const { rows } = await sql<{ version: number }>`SELECT version FROM migrations`.execute(connection);
  return rows.map(({ version }) => version);
}

function checkKnown(applied: readonly number[], migrations: readonly Migration[]): void {
  const known = migrations.map(({ version }) => version);
  const strange = applied.find((version) => !known.includes(version));
  if (strange === undefined) return;
  throw new RiosError(
    'CONFLICT_IN_USE',
    `the store has schema ${strange}; this version knows ${known.at(-1) ?? 0}`,
    { hint: 'Use the newer RiOS that wrote it, or choose another --data-dir.' },
  );
}
