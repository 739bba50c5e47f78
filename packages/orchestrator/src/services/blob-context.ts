import { RiosError } from '@rios/sdk/errors/error';
import { CHUNK_BYTES } from '@rios/sdk/schema/manifest';
import type { BlobPeers } from './blob-peers-port.ts';
import type { BlobModules } from './blobs-port.ts';
import type { KeyLock } from './key-lock.ts';

/** Disk space that uploads and copies leave free, for the store and the logs. */
export const RESERVED_BYTES = 64 * 1024 * 1024;

/** What the parts of the blob service share. */
export interface BlobContext extends BlobModules {
  /** One change of a blob's file after another. */
  readonly lock: KeyLock;
  readonly now: () => Promise<number>;
  /** Undefined while this orchestrator is alone. */
  readonly peers: () => BlobPeers | undefined;
  readonly others: () => readonly string[];
}

/** Number of chunks of a blob; an empty blob has one, empty. */
export const chunkCount = (sizeBytes: number): number => Math.max(1, Math.ceil(sizeBytes / CHUNK_BYTES));

/** Throws CAPACITY_DISK unless the disk has room for so many bytes more. */
export async function checkDisk({ freeBytes }: BlobContext, sizeBytes: number): Promise<void> {
  const free = await freeBytes();
  if (sizeBytes + RESERVED_BYTES <= free) return;
  throw new RiosError('CAPACITY_DISK', `the disk has ${free} bytes left; the blob has ${sizeBytes}`, {
    details: { freeBytes: free, sizeBytes, reservedBytes: RESERVED_BYTES },
  });
}
