import { RiosError } from '@rios/sdk/errors/error';
import {
  type PostgresCursor,
  PostgresDialect,
  type PostgresPool,
  type PostgresPoolClient,
  type PostgresQueryResult,
} from 'kysely';
import type { PoolClient } from 'pg';
import { retryConflicts } from './retry-conflicts.ts';
import { toStoreError } from './store-error.ts';
import { decodeText, encodeValue } from './stored-value.ts';

const MAX_CONNECTIONS = 10;
const CONNECT_TIMEOUT_MS = 5_000;
/** The server gives up first, so that the connection stays usable; ours is for a server that went silent. */
const STATEMENT_TIMEOUT_MS = 30_000;
const SILENCE_TIMEOUT_MS = 35_000;
/** An orchestrator that stands still inside a transaction keeps the others from what it locked for so long. */
const STANDSTILL_TIMEOUT_MS = 5_000;

/** Types by their object id in pg_type. */
const BYTEA = 17;
const INT8 = 20;
const TEXT = [25, 1043];

export interface PostgresOptions {
  /** The server refuses whatever would change something. */
  readonly isReadOnly?: boolean;
}

/**
 * Kysely's PostgreSQL dialect over a pool of `pg`, which is loaded with the first query. Every statement and
 * transaction is serializable: what holds on SQLite's one connection holds here. A single statement that loses
 * against another is done again; for transactions see postgres-store.ts. Values go in and out as in SQLite,
 * errors as toStoreError says.
 */
export function createPostgresDialect(url: string, options: PostgresOptions = {}): PostgresDialect {
  return new PostgresDialect({ pool: async () => adaptPool(await openPool(url, options)) });
}

type Pool = Awaited<ReturnType<typeof openPool>>;

async function openPool(url: string, { isReadOnly = false }: PostgresOptions) {
  const { default: pg } = await import('pg');
  const pool = new pg.Pool({
    connectionString: url,
    max: MAX_CONNECTIONS,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    query_timeout: SILENCE_TIMEOUT_MS,
    idle_in_transaction_session_timeout: STANDSTILL_TIMEOUT_MS,
    keepAlive: true,
    application_name: 'rios',
    options: `-c default_transaction_isolation=serializable -c default_transaction_read_only=${isReadOnly}`,
    types: {
      getTypeParser: (id: number, format?: 'text' | 'binary') =>
        parserOf(id, pg.types.getTypeParser(id, format)),
    },
  });
  // A connection broke: the pool drops it, whoever uses it is told by the query, the next one opens another.
  pool.on('error', () => {});
  pool.on('connect', (client) => {
    client.on('error', () => {});
  });
  return pool;
}

type Parse = (text: string) => unknown;

function parserOf(id: number, parse: (text: never) => unknown): Parse {
  const parseText = parse as Parse;
  if (TEXT.includes(id)) return decodeText;
  if (id === INT8) return toSafeInteger;
  if (id === BYTEA) return (text) => Uint8Array.from(Buffer.from(text.slice(2), 'hex'));
  return parseText;
}

function toSafeInteger(text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value)) return value;
  throw new RiosError('BUG_UNEXPECTED', 'a stored integer is too large');
}

function adaptPool(pool: Pool): PostgresPool {
  return {
    options: pool.options,
    connect: async () => adaptClient(await attempt(() => pool.connect())),
    end: () => pool.end(),
  };
}

/** One use of a connection, from the pool and back. */
function adaptClient(client: PoolClient): PostgresPoolClient {
  let inTransaction = false;
  function query<R>(text: string, parameters: readonly unknown[]): Promise<PostgresQueryResult<R>>;
  function query<R>(cursor: PostgresCursor<R>): PostgresCursor<R>;
  function query(text: unknown, parameters: readonly unknown[] = []): unknown {
    if (typeof text !== 'string') throw new RiosError('BUG_UNEXPECTED', 'the store does not stream');
    const values = parameters.map(encodeValue);
    const run = () => attempt(() => client.query(text, values));
    if (/^(begin|start transaction)/.test(text)) inTransaction = true;
    return inTransaction ? run() : retryConflicts(run);
  }
  return { query, release: (broken) => client.release(broken) };
}

async function attempt<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw toStoreError(error);
  }
}
