import type { ColumnTypes } from './migrations/migration.ts';

/** What differs between databases beside the dialect of Kysely. */
export interface Engine {
  readonly types: ColumnTypes;
  /** Begins a transaction that holds the whole schema until it ends. */
  readonly lockSchema: readonly string[];
}

/** SQLite compares text byte by byte by itself; its integers have 64 bits. One writer at a time. */
export const SQLITE: Engine = {
  types: {
    engine: 'sqlite',
    text: 'TEXT',
    integer: 'INTEGER',
    real: 'REAL',
    bytes: 'BLOB',
    generatedId: 'INTEGER PRIMARY KEY AUTOINCREMENT',
    countInOrder: () => [],
  },
  lockSchema: ['begin immediate'],
};

/** Keys of advisory locks: any numbers that nothing else in the database uses. */
const SCHEMA_LOCK = 7_071_000_001;
const ORDER_LOCK = 7_071_000_002;

/**
 * The collation of PostgreSQL's own choice would sort, and on some servers compare, by language. The schema is
 * read committed: a serializable transaction would see the store as it was before it waited for the lock.
 */
export const POSTGRES: Engine = {
  types: {
    engine: 'postgres',
    text: 'TEXT COLLATE "C"',
    integer: 'BIGINT',
    real: 'DOUBLE PRECISION',
    bytes: 'BYTEA',
    generatedId: 'BIGSERIAL PRIMARY KEY',
    countInOrder: (table) => [
      `ALTER TABLE ${table} ALTER COLUMN id SET DEFAULT CASE
        WHEN pg_advisory_xact_lock(${ORDER_LOCK})::text IS NOT NULL THEN nextval('${table}_id_seq') END`,
    ],
  },
  lockSchema: ['begin isolation level read committed', `select pg_advisory_xact_lock(${SCHEMA_LOCK})`],
};
