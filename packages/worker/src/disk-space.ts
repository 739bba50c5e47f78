import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { RiosError } from '@rios/sdk/errors/error';
import type { ManifestFile } from '@rios/sdk/schema/manifest';

/**
 * Refuses files that cannot fit before the first byte is asked for; what is there already, whole or in part, is
 * not counted. Throws CAPACITY_DISK with details {neededBytes, freeBytes}.
 */
export async function requireSpace(
  directory: string,
  files: readonly ManifestFile[],
  freeBytes: (directory: string) => Promise<number>,
): Promise<void> {
  let neededBytes = 0;
  for (const file of files) {
    const path = join(directory, file.path);
    const present = Math.max(await bytesOnDisk(path), await bytesOnDisk(`${path}.part`));
    neededBytes += Math.max(0, file.sizeBytes - present);
  }
  const free = neededBytes === 0 ? 0 : await freeBytes(directory);
  if (neededBytes <= free) return;
  throw new RiosError('CAPACITY_DISK', `the disk lacks ${neededBytes - free} bytes for the part's files`, {
    details: { neededBytes, freeBytes: free },
  });
}

/** A sparse file takes less than its length. */
async function bytesOnDisk(path: string): Promise<number> {
  const found = await stat(path).catch(() => undefined);
  return found === undefined ? 0 : Math.min(found.size, found.blocks * 512);
}
