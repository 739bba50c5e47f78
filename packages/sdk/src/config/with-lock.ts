import { setTimeout as delay } from 'node:timers/promises';
import { hasCode } from '../errors/error.ts';
import { type DirectoryLock, lockDirectory } from './directory-lock.ts';

const POLL_MS = 20;
const DEFAULT_TIMEOUT_MS = 30_000;

async function take(directory: string, name: string, timeoutMs: number): Promise<DirectoryLock> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    try {
      return await lockDirectory(directory, name);
    } catch (error) {
      if (!hasCode(error, 'CONFLICT_IN_USE') || Date.now() > deadline) throw error;
      await delay(POLL_MS);
    }
  }
}

/**
 * Runs `work` alone among all processes that use this lock of the directory; waits for its turn.
 * @throws RiosError CONFLICT_IN_USE when another holds it for longer than `timeoutMs`
 */
export async function withLock<T>(
  directory: string,
  name: string,
  work: () => Promise<T>,
  timeoutMs = DEFAULT_TIMEOUT_MS,
): Promise<T> {
  const lock = await take(directory, name, timeoutMs);
  try {
    return await work();
  } finally {
    lock.release();
  }
}
