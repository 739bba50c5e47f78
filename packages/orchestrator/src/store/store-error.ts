import { RiosError } from '@rios/sdk/errors/error';

/** SQLSTATE codes of PostgreSQL: https://www.postgresql.org/docs/15/errcodes-appendix.html */
const UNIQUE_VIOLATION = '23505';
const DISK_FULL = '53100';
const CONFLICTS: readonly unknown[] = ['40001', '40P01'];
/** Wrong password, no such role, no such database: waiting does not help. */
const WRONG_ADDRESS = /^(28...|3D000)$/;
/** Connection exceptions, too many connections, shutdown or start, a statement cut off, a read-only standby. */
const AWAY = /^(08...|53300|57P0.|57014|25006)$/;

/** Result codes of SQLite: https://sqlite.org/rescode.html; the low byte is the primary one. */
const SQLITE_UNIQUE: readonly number[] = [2067, 1555];
const SQLITE_BUSY: readonly number[] = [5, 6];
const SQLITE_FULL = 13;

/** True when a transaction lost against another at the same time: the same again may succeed. */
export const isConflict = (error: unknown): boolean =>
  error instanceof RiosError && CONFLICTS.includes(codeOf(error.cause));

/**
 * What a driver of a database threw, as one of ours: CONFLICT_EXISTS when a value that must be unique is there
 * already, SERVICE_UNAVAILABLE (retryable) when the database is away or too busy, CAPACITY_DISK when it is full,
 * USER_INVALID_REQUEST when DATABASE_URL does not open it, BUG_UNEXPECTED for what should not happen. No message
 * holds a stored value.
 */
export function toStoreError(cause: unknown): RiosError {
  if (cause instanceof RiosError) return cause;
  const code = codeOf(cause);
  const known = code === 'ERR_SQLITE_ERROR' ? fromSqlite(cause) : fromPostgres(code, cause);
  return (
    known ?? new RiosError('BUG_UNEXPECTED', `the store refused a statement (${String(code)})`, { cause })
  );
}

function fromSqlite(cause: unknown): RiosError | undefined {
  const { errcode } = cause as { errcode?: unknown };
  if (typeof errcode !== 'number') return undefined;
  if (SQLITE_UNIQUE.includes(errcode)) return exists(cause);
  if (SQLITE_BUSY.includes(errcode & 0xff))
    return unavailable('the store is in use by another process', cause);
  return (errcode & 0xff) === SQLITE_FULL ? diskFull(cause) : undefined;
}

function fromPostgres(code: unknown, cause: unknown): RiosError | undefined {
  if (code === UNIQUE_VIOLATION) return exists(cause);
  if (code === DISK_FULL) return diskFull(cause);
  if (CONFLICTS.includes(code)) return unavailable('too many changes at the same time', cause);
  if (typeof code === 'string' && WRONG_ADDRESS.test(code)) {
    return new RiosError('USER_INVALID_REQUEST', `PostgreSQL refused DATABASE_URL (${code})`, {
      hint: 'Check the user, password and database in DATABASE_URL.',
      cause,
    });
  }
  return isAway(code, cause) ? unavailable('PostgreSQL cannot be reached', cause) : undefined;
}

/** A broken connection is told by a code of the system (ECONNRESET …), or by a plain Error without a code. */
function isAway(code: unknown, cause: unknown): boolean {
  if (typeof code === 'string') return AWAY.test(code) || /^E[A-Z_]{3,}$/.test(code);
  return cause instanceof Error && !(cause instanceof TypeError);
}

const codeOf = (error: unknown): unknown => (error as { code?: unknown } | null | undefined)?.code;

const exists = (cause: unknown) => new RiosError('CONFLICT_EXISTS', 'it exists already', { cause });

const diskFull = (cause: unknown) =>
  new RiosError('CAPACITY_DISK', 'the disk of the store is full', { cause });

const unavailable = (message: string, cause: unknown) =>
  new RiosError('SERVICE_UNAVAILABLE', message, { details: { service: 'store' }, cause });
