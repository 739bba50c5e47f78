import { Kysely, type Transaction, type TransactionBuilder } from 'kysely';
import type { Database } from './database.ts';
import { createPostgresDialect, type PostgresOptions } from './postgres-dialect.ts';
import { retryConflicts } from './retry-conflicts.ts';

/**
 * A store on PostgreSQL. A transaction that loses against another one is rolled back and its callback called
 * again, so a callback must change nothing but the transaction it is given.
 */
class PostgresStore extends Kysely<Database> {
  override transaction(): TransactionBuilder<Database> {
    const builder = super.transaction();
    const execute = builder.execute.bind(builder);
    builder.execute = <T>(callback: (tx: Transaction<Database>) => Promise<T>) =>
      retryConflicts(() => execute(callback));
    return builder;
  }
}

/** Nothing is connected before the first query. */
export const createPostgresStore = (url: string, options?: PostgresOptions): Kysely<Database> =>
  new PostgresStore({ dialect: createPostgresDialect(url, options) });
