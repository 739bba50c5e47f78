import { rm } from 'node:fs/promises';
import { refuseArchive } from './backup-manifest.ts';

/**
 * Copies a SQLite store as it is at one moment, without stopping who writes to it; what was deleted is not in the
 * copy, not even as free pages.
 */
export async function copyStore(from: string, to: string): Promise<void> {
  const { DatabaseSync } = await import('node:sqlite');
  await rm(to, { force: true });
  const store = new DatabaseSync(from, { timeout: 30_000 });
  try {
    store.prepare('VACUUM INTO ?').run(to);
  } finally {
    store.close();
  }
}

/** Checks that a file is a sound store of the network. @throws RiosError INTEGRITY_HASH */
export async function checkStore(file: string, networkId: string): Promise<void> {
  const { DatabaseSync } = await import('node:sqlite');
  const store = new DatabaseSync(file, { enableForeignKeyConstraints: false });
  try {
    const [sound] = store.prepare('PRAGMA quick_check(1)').all();
    if (Object.values(sound ?? {})[0] !== 'ok') throw refuseArchive('its store is damaged');
    const fact = store.prepare("SELECT value FROM network WHERE key = 'networkId'").get();
    if (fact?.value !== networkId) throw refuseArchive('its store is of another network');
  } catch (cause) {
    throw (cause as { code?: unknown }).code === 'ERR_SQLITE_ERROR'
      ? refuseArchive('its store is damaged', cause)
      : cause;
  } finally {
    store.close();
  }
}
