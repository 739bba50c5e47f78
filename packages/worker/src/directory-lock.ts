import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { RiosError } from '@rios/sdk/errors/error';

/** Held until released, or until the process ends in whatever way: the kernel keeps it, not a file's existence. */
export interface DirectoryLock {
  release(): void;
}

/**
 * Takes the exclusive lock on `file`. SQLite's own file lock is the portable kernel lock that Node ships.
 * Throws CONFLICT_IN_USE; `describeHolder` may say who holds it.
 */
export async function lockDirectory(
  file: string,
  describeHolder: () => Promise<Record<string, unknown>>,
): Promise<DirectoryLock> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const { DatabaseSync } = await import('node:sqlite');
  const database = new DatabaseSync(file, { timeout: 0 });
  try {
    database.exec('PRAGMA journal_mode = OFF; PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE');
  } catch (cause) {
    database.close();
    const details = await describeHolder();
    const who = typeof details.pid === 'number' ? ` (process ${details.pid})` : '';
    throw new RiosError('CONFLICT_IN_USE', `another worker uses ${dirname(file)}${who}`, { details, cause });
  }
  return {
    release: () => {
      if (database.isOpen) database.close();
    },
  };
}
