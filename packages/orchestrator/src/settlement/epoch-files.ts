import { createHash, randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { sha256Schema } from '@rios/sdk/schema/common';

/** Where the public files of epochs are: `<sha256>.receipts`, and beside each its tree, `<sha256>.tree`. */
export interface EpochFiles {
  /** A new name for a file that is being written; with `.tree` for its tree. The first drops what dead builds left. */
  newDraft(): Promise<string>;
  /** Gives a draft its name, for good: after a crash it is there whole. */
  keep(draft: string, sha256: string): Promise<void>;
  receiptsOf(sha256: string): string;
  treeOf(sha256: string): string;
  has(sha256: string): Promise<boolean>;
}

const DRAFT = '.draft';

export function createEpochFiles(dataDir: string): EpochFiles {
  const folder = join(dataDir, 'epochs');
  const receiptsOf = (sha256: string) => join(folder, `${sha256Schema.parse(sha256)}.receipts`);
  const treeOf = (sha256: string) => join(folder, `${sha256Schema.parse(sha256)}.tree`);
  let cleaned: Promise<void> | undefined;
  return {
    newDraft: async () => {
      cleaned ??= dropDrafts(folder);
      await cleaned;
      await mkdir(folder, { recursive: true });
      return join(folder, `${randomBytes(8).toString('hex')}${DRAFT}`);
    },
    keep: async (draft, sha256) => {
      await rename(`${draft}.tree`, treeOf(sha256));
      await rename(draft, receiptsOf(sha256));
      await syncFolder(folder);
    },
    receiptsOf,
    treeOf,
    has: async (sha256) => (await isThere(receiptsOf(sha256))) && (await isThere(treeOf(sha256))),
  };
}

async function dropDrafts(folder: string): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  for (const name of names.filter((one) => one.includes(DRAFT)))
    await rm(join(folder, name), { force: true });
}

const isThere = (file: string): Promise<boolean> =>
  stat(file).then(
    () => true,
    () => false,
  );

async function syncFolder(folder: string): Promise<void> {
  const opened = await open(folder, 'r');
  try {
    await opened.sync();
  } finally {
    await opened.close();
  }
}

/** sha256 (hex) of what is on the disk. */
export async function hashFile(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}
