import { sql } from 'kysely';
import type { Database } from './database.ts';
import type { Store } from './store.ts';

/** A column of envelopes (crypto/envelope.ts). Their context is `<context>:<id of the row>`. */
export interface SealedColumn {
  readonly table: keyof Database;
  /** The primary key, text. */
  readonly id: string;
  readonly column: string;
  readonly context: string;
}

/**
 * Every column that holds secrets under the master key. `rios orchestrator rotate-key` seals anew what stands here
 * and nothing else, so a column that is missing is lost with the old key: add a line with the column. A test finds
 * columns named `…_envelope` that have none.
 */
export const SEALED_COLUMNS = {
  totp: { table: 'users', id: 'account_id', column: 'totp_envelope', context: 'users.totp' },
  signingKey: { table: 'signing_keys', id: 'kid', column: 'private_envelope', context: 'signing_keys' },
  networkKey: {
    table: 'network_keys',
    id: 'network_id',
    column: 'private_envelope',
    context: 'network_keys',
  },
  oauthPayload: {
    table: 'oauth_payloads',
    id: 'id_sha256',
    column: 'envelope',
    context: 'oauth_payloads',
  },
  outsideAttempt: {
    table: 'outside_attempts',
    id: 'state_sha256',
    column: 'secret_envelope',
    context: 'outside_attempts',
  },
  appSecret: { table: 'app_secrets', id: 'id', column: 'value_envelope', context: 'app_secrets' },
} as const satisfies Record<string, SealedColumn>;

/** What the envelope of a row is bound to. */
export const sealedContext = ({ context }: Pick<SealedColumn, 'context'>, id: string) => `${context}:${id}`;

/** One secret of a sealed column. */
export interface SealedRow {
  readonly id: string;
  readonly envelope: string;
}

/** How many envelopes of a column each master key sealed, by its id. */
export async function countSealed(
  store: Store,
  { table, column }: SealedColumn,
): Promise<{ keyId: string; count: number }[]> {
  const envelope = sql.ref(column);
  const { rows } = await sql<{ keyId: string; count: number }>`
    SELECT substr(${envelope}, 7, 16) AS ${sql.ref('keyId')}, cast(count(*) AS bigint) AS ${sql.ref('count')}
    FROM ${sql.table(table)} WHERE ${envelope} IS NOT NULL GROUP BY substr(${envelope}, 7, 16)`.execute(
    store,
  );
  return rows;
}

/** Envelopes that another master key than `keyId` sealed, by id, `limit` at most, from after `afterId` on. */
export async function listSealedUnderOthers(
  store: Store,
  { table, id, column }: SealedColumn,
  { keyId, afterId, limit }: { keyId: string; afterId: string; limit: number },
): Promise<SealedRow[]> {
  const envelope = sql.ref(column);
  const { rows } = await sql<SealedRow>`
    SELECT ${sql.ref(id)} AS id, ${envelope} AS envelope FROM ${sql.table(table)}
    WHERE ${envelope} IS NOT NULL AND substr(${envelope}, 7, 16) <> ${keyId} AND ${sql.ref(id)} > ${afterId}
    ORDER BY ${sql.ref(id)} LIMIT ${limit}`.execute(store);
  return rows;
}

/** Replaces an envelope unless it was changed meanwhile; true when it did. */
export async function replaceSealed(
  store: Store,
  { table, id, column }: SealedColumn,
  { row, envelope }: { row: SealedRow; envelope: string },
): Promise<boolean> {
  const { numAffectedRows } = await sql`
    UPDATE ${sql.table(table)} SET ${sql.ref(column)} = ${envelope}
    WHERE ${sql.ref(id)} = ${row.id} AND ${sql.ref(column)} = ${row.envelope}`.execute(store);
  return numAffectedRows === 1n;
}
