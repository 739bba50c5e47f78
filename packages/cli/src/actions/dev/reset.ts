import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { lockDirectory } from '@rios/sdk/config/directory-lock';
import { RiosError } from '@rios/sdk/errors/error';
import type { DevReset } from '@rios/sdk/schema/cli-results';
import { type Asking, confirm } from '../../prompts/confirm.ts';

/** The database goes first: a chain without its database is refused, a database without its chain would go on. */
const TOGETHER = ['orchestrator', 'chain'] as const;

/**
 * Removes the database and the chain of a dev network together; workers, split models and wallets stay.
 * @throws RiosError NOT_FOUND, CONFLICT_IN_USE while it runs, USER_CONFIRMATION_NEEDED, USER_INTERRUPTED
 */
export async function resetDev(dataDir: string, asking: Asking, env = process.env): Promise<DevReset> {
  checkOwnDatabase(env);
  if (!(await exists(dataDir))) throw new RiosError('NOT_FOUND', `there is no dev network in ${dataDir}`);
  const lock = await lockDirectory(dataDir, 'dev');
  try {
    const found = await existing(dataDir);
    if (found.length > 0) {
      await confirm(`Remove the chain, the accounts and the models of ${dataDir} for good?`, asking);
    }
    await checkIdle(dataDir, found);
    await removeAll(dataDir, found);
    return { dataDir, removed: found };
  } finally {
    lock.release();
  }
}

/** A PostgreSQL that serves others too is not ours to empty. */
function checkOwnDatabase(env: NodeJS.ProcessEnv): void {
  if ((env.DATABASE_URL ?? '') === '') return;
  throw new RiosError(
    'USER_INVALID_REQUEST',
    'the database that DATABASE_URL names cannot be reset from here',
    {
      hint: 'Unset DATABASE_URL for a network of files, or give the next rios dev an empty database.',
    },
  );
}

/** An orchestrator or a chain that somebody started there by hand. */
async function checkIdle(dataDir: string, names: readonly string[]): Promise<void> {
  for (const name of names) (await lockDirectory(join(dataDir, name), name)).release();
}

/** Each is gone at once, by its name; then its files, which the next reset finishes if this one is killed. */
async function removeAll(dataDir: string, names: readonly string[]): Promise<void> {
  const removed = join(dataDir, '.removed');
  await rm(removed, { recursive: true, force: true });
  await mkdir(removed, { mode: 0o700 });
  for (const name of names) await rename(join(dataDir, name), join(removed, name));
  await rm(removed, { recursive: true, force: true });
}

async function existing(dataDir: string): Promise<string[]> {
  const found: string[] = [];
  for (const name of TOGETHER) if (await exists(join(dataDir, name))) found.push(name);
  return found;
}

const exists = async (path: string): Promise<boolean> =>
  (await stat(path).catch(() => undefined)) !== undefined;
