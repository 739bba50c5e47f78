import { DatabaseSync, type SQLInputValue, type SQLOutputValue, type StatementSync } from 'node:sqlite';
import { type SqliteDatabase, SqliteDialect, type SqliteStatement } from 'kysely';
import { toStoreError } from './store-error.ts';
import { decodeText, encodeValue } from './stored-value.ts';

/** Prepared statements kept per connection; the queries of the store are far fewer. */
const MAX_STATEMENTS = 256;

/**
 * A transaction takes the write lock with its first statement: where another process writes too (rotate-key, while
 * the orchestrator runs), it waits for its turn, and does not fail because the other wrote after its first read.
 */
const BEGIN = 'begin immediate';

/**
 * Kysely's SQLite dialect over `node:sqlite`: one connection, used by one query or transaction at a time.
 * Durable: write-ahead log, and each commit is on the disk before it is answered.
 */
export function createSqliteDialect(file: string): SqliteDialect {
  return new SqliteDialect({ database: async () => adapt(attempt(() => open(file))) });
}

/** The same for a process that only reads beside the one that writes: its statements cannot change anything. */
export function createSqliteReader(file: string): SqliteDialect {
  const openReader = () => {
    const connection = new DatabaseSync(file, { readOnly: true });
    connection.exec('PRAGMA busy_timeout = 5000');
    return connection;
  };
  return new SqliteDialect({ database: async () => adapt(attempt(openReader)) });
}

function open(file: string): DatabaseSync {
  const connection = new DatabaseSync(file, { enableForeignKeyConstraints: true });
  connection.exec('PRAGMA busy_timeout = 5000');
  connection.exec('PRAGMA journal_mode = WAL');
  connection.exec('PRAGMA synchronous = FULL');
  return connection;
}

function adapt(connection: DatabaseSync): SqliteDatabase {
  const statements = new Map<string, SqliteStatement>();
  return {
    close: () => connection.close(),
    prepare: (text) => {
      const sql = text === 'begin' ? BEGIN : text;
      const known = statements.get(sql);
      if (known !== undefined) return known;
      if (statements.size >= MAX_STATEMENTS) statements.clear();
      const prepared = adaptStatement(attempt(() => connection.prepare(sql)));
      const statement = sql === 'rollback' ? unlessOver(connection, prepared) : prepared;
      statements.set(sql, statement);
      return statement;
    },
  };
}

/** A full or broken disk ends a transaction by itself: to end it once more would hide why. */
const unlessOver = (connection: DatabaseSync, rollback: SqliteStatement): SqliteStatement => ({
  ...rollback,
  run: (parameters) =>
    connection.isTransaction ? rollback.run(parameters) : { changes: 0, lastInsertRowid: 0 },
});

function adaptStatement(statement: StatementSync): SqliteStatement {
  const bind = (parameters: ReadonlyArray<unknown>): SQLInputValue[] => parameters.map(encodeValue);
  return {
    reader: statement.columns().length > 0,
    all: (parameters) => attempt(() => statement.all(...bind(parameters)).map(decodeRow)),
    iterate: (parameters) =>
      attempt(() =>
        statement
          .all(...bind(parameters))
          .map(decodeRow)
          .values(),
      ),
    run: (parameters) => attempt(() => statement.run(...bind(parameters))),
  };
}

function decodeRow(row: Record<string, SQLOutputValue>): Record<string, SQLOutputValue> {
  for (const [name, value] of Object.entries(row)) {
    if (typeof value === 'string') row[name] = decodeText(value);
  }
  return row;
}

function attempt<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw toStoreError(error);
  }
}
