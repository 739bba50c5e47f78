import { randomBytes } from 'node:crypto';
import pg from 'pg';

/** A database of its own on the server of DATABASE_URL. */
export interface TestDatabase {
  readonly url: string;
  /** Empties every table but the schema's own history. */
  clear(): Promise<void>;
  /** Runs SQL in it, past the store. */
  run(sql: string): Promise<void>;
  drop(): Promise<void>;
}

/** The account of `serverUrl` must be allowed to create databases. */
export async function createTestDatabase(serverUrl: string): Promise<TestDatabase> {
  const name = `rios_test_${randomBytes(6).toString('hex')}`;
  await query(serverUrl, `CREATE DATABASE ${name} TEMPLATE template0`);
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  const { href } = url;
  return {
    url: href,
    clear: async () => {
      const tables = await query(href, `SELECT tablename FROM pg_tables WHERE schemaname = 'public'`);
      const names = tables
        .map(({ tablename }) => String(tablename))
        .filter((table) => table !== 'migrations');
      if (names.length > 0) await query(href, truncate(names));
    },
    run: async (sql) => {
      await query(href, sql);
    },
    drop: async () => {
      await query(serverUrl, `DROP DATABASE ${name} WITH (FORCE)`);
    },
  };
}

/** One transaction. The ledger refuses to be emptied: its guards are off meanwhile. */
function truncate(tables: readonly string[]): string {
  const guarded = tables.filter((table) => table.startsWith('ledger_'));
  const guards = (change: string) => guarded.map((table) => `ALTER TABLE ${table} ${change} TRIGGER USER`);
  return [
    ...guards('DISABLE'),
    `TRUNCATE ${tables.join(', ')} RESTART IDENTITY CASCADE`,
    ...guards('ENABLE'),
  ].join('; ');
}

async function query(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}
