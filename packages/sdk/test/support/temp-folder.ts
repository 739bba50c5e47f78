import { mkdtempSync, rmSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const folders: string[] = [];

process.once('exit', () => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** A fresh directory, removed when the process ends. */
export function tempFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'rios-sdk-'));
  folders.push(folder);
  return folder;
}

/** Runs `use` with a fresh directory that is removed right after: for large files. */
export async function withTemp<T>(use: (directory: string) => Promise<T>): Promise<T> {
  const directory = tempFolder();
  try {
    return await use(directory);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
