/**
 * The words of a column definition that differ between databases. Values cross them in the same form
 * everywhere: text is any JavaScript string, `integer` a safe integer (flags are 0 or 1), `real` a double,
 * `bytes` a Uint8Array; JSON is `text`, written by store/json.ts; money is decimal `text`.
 */
export interface ColumnTypes {
  /** For what each writes in its own way, such as triggers. */
  readonly engine: 'sqlite' | 'postgres';
  /** Compared and sorted byte by byte. */
  readonly text: string;
  /** 64 bits; times in milliseconds, sizes in bytes, flags. */
  readonly integer: string;
  readonly real: string;
  readonly bytes: string;
  /** A primary key that the database counts up and never gives out twice; may have gaps. */
  readonly generatedId: string;
  /**
   * Statements after the CREATE TABLE of a table that is read by `id > last`: its ids, declared `generatedId`,
   * then appear in ascending order, also when transactions at several orchestrators add rows at the same time.
   */
  readonly countInOrder: (table: string) => readonly string[];
}

/**
 * One step of the schema's history. How to add one:
 *
 * 1. Write `store/migrations/<number>-<name>.ts` exporting a `Migration` with that number as its `version`:
 *    ```ts
 *    export const sessions: Migration = {
 *      version: 10,
 *      statements: ({ text, integer }) => [`CREATE TABLE sessions (id ${text} PRIMARY KEY, ends_at ${integer} NOT NULL)`],
 *    };
 *    ```
 * 2. Add it to the list in store/migrations/all.ts, and its tables to `Database` in store/database.ts.
 *
 * Numbers ascend and may have gaps; each is applied once, in its own transaction, by whichever orchestrator
 * comes first. Forward only: a released migration never changes. Write SQL that SQLite and PostgreSQL both take
 * (types from `ColumnTypes`, no `IF NOT EXISTS`, no name that is a reserved word such as `user` or `order`).
 * Upserts, `returning` and counts through Kysely are the same on both.
 */
export interface Migration {
  readonly version: number;
  readonly statements: (types: ColumnTypes) => readonly string[];
}
