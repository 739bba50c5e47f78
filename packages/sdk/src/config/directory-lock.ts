import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { RiosError } from '../errors/error.ts';

/** Held until released, or until the process ends in whatever way: the system frees it. */
export interface DirectoryLock {
  release(): void;
}

/**
 * Makes this process the only one on a directory. It is an exclusive lock on a SQLite file, so none is left
 * behind by a process that was killed; `<name>.pid` beside it says who holds it.
 * @throws RiosError CONFLICT_IN_USE naming the process
 */
export async function lockDirectory(directory: string, name: string): Promise<DirectoryLock> {
  await mkdir(directory, { recursive: true });
  const { DatabaseSync } = await import('node:sqlite');
  const pidFile = join(directory, `${name}.pid`);
  const database = new DatabaseSync(join(directory, `${name}.lock`));
  try {
    database.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
  } catch (cause) {
    database.close();
    const pid = await readFile(pidFile, 'utf8').catch(() => 'unknown');
    throw new RiosError('CONFLICT_IN_USE', `${directory} is in use by process ${pid.trim()}`, {
      details: { directory, pid: Number(pid) },
      cause,
    });
  }
  await writeFile(pidFile, String(process.pid));
  let held = true;
  return {
    release() {
      if (held) database.close();
      held = false;
    },
  };
}
