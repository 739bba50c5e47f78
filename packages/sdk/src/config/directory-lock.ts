import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { RiosError } from '../errors/error.ts';

/** Exclusive use of a data directory, until released or until the process ends in whatever way. */
export interface DirectoryLock {
  release(): void;
}

/** Two that start at once may disturb each other this often before one of them gives up. */
const MAX_ATTEMPTS = 20;

/**
 * Takes a data directory for this process, in the role `name` ("worker"). The lock is the operating system's,
 * held by an open transaction on the small SQLite file `<name>.lock`, so it ends with the process however that
 * dies: there is no stale lock to clean up, and no moment in which two processes hold it. The file says who the
 * holder is.
 * @throws RiosError CONFLICT_IN_USE naming the pid of the holder
 */
export async function lockDirectory(directory: string, name: string): Promise<DirectoryLock> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const { DatabaseSync } = await import('node:sqlite');
  const file = new DatabaseSync(join(directory, `${name}.lock`), { timeout: 0 });
  try {
    acquire(file, { directory, name, pid: process.pid });
  } catch (error) {
    file.close();
    throw error;
  }
  return {
    release: () => {
      if (file.isOpen) file.close();
    },
  };
}

interface Claim {
  readonly directory: string;
  readonly name: string;
  readonly pid: number;
}

function acquire(file: DatabaseSync, claim: Claim): void {
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    if (!tryToWrite(file, claim.pid)) throw inUse(claim, readPid(file));
    if (!begin(file)) throw inUse(claim, readPid(file));
    if (readPid(file) === claim.pid) return;
    // Another process wrote its pid between the two steps: it lost the lock to us, so say anew who holds it.
    file.exec('ROLLBACK');
  }
  throw inUse(claim, readPid(file));
}

/** Commits the pid, which others can read while the lock is held. */
function tryToWrite(file: DatabaseSync, pid: number): boolean {
  if (!begin(file)) return false;
  file.exec(
    'CREATE TABLE IF NOT EXISTS holder (id INTEGER PRIMARY KEY CHECK (id = 1), pid INTEGER NOT NULL)',
  );
  file
    .prepare('INSERT INTO holder (id, pid) VALUES (1, ?) ON CONFLICT (id) DO UPDATE SET pid = excluded.pid')
    .run(pid);
  file.exec('COMMIT');
  return true;
}

function begin(file: DatabaseSync): boolean {
  try {
    file.exec('BEGIN IMMEDIATE');
    return true;
  } catch (error) {
    if (isBusy(error)) return false;
    throw error;
  }
}

function readPid(file: DatabaseSync): number | undefined {
  try {
    const row = file.prepare('SELECT pid FROM holder').get();
    return typeof row?.pid === 'number' ? row.pid : undefined;
  } catch {
    return undefined;
  }
}

const SQLITE_BUSY = 5;
const isBusy = (error: unknown) => (error as { errcode?: number } | null)?.errcode === SQLITE_BUSY;

function inUse({ directory, name }: Claim, pid: number | undefined): RiosError {
  return new RiosError(
    'CONFLICT_IN_USE',
    `another rios ${name}${pid === undefined ? '' : ` (pid ${pid})`} uses ${directory}`,
    { details: { dataDir: directory, ...(pid === undefined ? {} : { pid }) } },
  );
}
