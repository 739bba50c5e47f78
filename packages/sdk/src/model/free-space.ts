import { freeDiskBytes } from '../disk.ts';
import { RiosError } from '../errors/error.ts';
import type { PartPlan } from './shard-plan.ts';

/** Room for graphs, manifest and folders, per part. */
const PART_OVERHEAD_BYTES = 64 * 1024;

/** Throws CAPACITY_DISK, before anything is written, when a bundle cannot fit in `directory`. */
export async function checkFreeSpace(
  directory: string,
  plans: readonly PartPlan[],
  textFiles: readonly { readonly bytes: Uint8Array }[],
  freeBytesOf: (directory: string) => Promise<number> = freeDiskBytes,
): Promise<void> {
  const text = textFiles.reduce((sum, { bytes }) => sum + bytes.length, 0);
  const needed = plans.reduce((sum, { shard }) => sum + shard.sizeBytes + PART_OVERHEAD_BYTES, text);
  const free = await freeBytesOf(directory);
  if (free < needed)
    throw new RiosError('CAPACITY_DISK', `the bundle needs ${needed} bytes, but ${free} are free`, {
      details: { path: directory, neededBytes: needed, freeBytes: free },
      hint: 'Free disk space, or choose another --out.',
    });
}
