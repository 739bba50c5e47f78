import type { Readable } from 'node:stream';
import type { Clock } from '@rios/sdk/clock';
import { sha256Of } from '@rios/sdk/crypto/hash';
import { RiosError } from '@rios/sdk/errors/error';
import type { Log } from '@rios/sdk/log';
import { CHUNK_BYTES, chunkLength } from '@rios/sdk/schema/manifest';
import type { BlobRow } from '../store/blobs.ts';
import * as rows from '../store/blobs.ts';
import type { Store } from '../store/store.ts';
import type { BlobFiles } from './blob-files.ts';
import { createKeyLock, type KeyLock } from './key-lock.ts';

/** A stored blob that no model refers to is kept so long: the time between a push's upload and its registration. */
export const UNREFERENCED_TTL_MS = 3_600_000;
/** An upload that nobody went on with is kept so long, to be resumed. */
export const UPLOAD_TTL_MS = 24 * 3_600_000;
/** Times of use are kept no finer than this: each costs a commit. */
const TOUCH_INTERVAL_MS = 600_000;
/** Disk space that uploads leave free, for the store and the logs. */
const RESERVED_BYTES = 64 * 1024 * 1024;

/** Whose quota a blob is charged to. */
export interface BlobOwner {
  readonly accountId: string;
  readonly blobQuotaBytes: number;
}

export interface ChunkUpload {
  readonly sha256: string;
  readonly sizeBytes: number;
  readonly index: number;
  readonly bytes: Uint8Array;
}

/** Content-addressed blobs, opaque to the orchestrator. A blob is visible once its whole sha256 was checked. */
export interface Blobs {
  /** Takes one chunk; true once the blob is complete. Throws INTEGRITY_HASH, QUOTA_BLOBS, CAPACITY_DISK. */
  putChunk(upload: ChunkUpload, owner: BlobOwner): Promise<boolean>;
  /** Indices of the chunks that this owner still has to send; empty = complete. */
  missingChunks(sha256: string, sizeBytes: number, owner: BlobOwner): Promise<number[]>;
  /** Stores bytes that are here already; returns their sha256. */
  put(bytes: Uint8Array, owner: BlobOwner): Promise<string>;
  /** Path and size of a complete blob. */
  find(sha256: string): Promise<{ path: string; sizeBytes: number } | undefined>;
  /** A complete blob of this owner. Throws NOT_FOUND_BLOB. */
  open(
    sha256: string,
    accountId: string,
  ): Promise<{ sizeBytes: number; read: (from: number, to: number) => Readable }>;
  /** Forgets these blobs, save those that a model refers to. */
  collect(sha256s: readonly string[]): Promise<void>;
  /** Forgets what nobody refers to for long. Now and then. */
  sweep(): Promise<void>;
  /** Makes rows and files agree after a kill, then sweeps. At start, before anything else. */
  recover(): Promise<void>;
}

export interface BlobModules {
  readonly store: Store;
  readonly files: BlobFiles;
  readonly clock: Clock;
  readonly log: Log;
  /** Free bytes of the disk that holds the blobs. */
  readonly freeBytes: () => Promise<number>;
}

/** Number of chunks of a blob; an empty blob has one, empty. */
export const chunkCount = (sizeBytes: number) => Math.max(1, Math.ceil(sizeBytes / CHUNK_BYTES));

export function createBlobs(modules: BlobModules): Blobs {
  const { store, files } = modules;
  const lock = createKeyLock();
  const send = async (upload: ChunkUpload, owner: BlobOwner) => {
    checkChunk(upload);
    return lock(upload.sha256, () => putChunk(modules, upload, owner));
  };
  return {
    putChunk: send,
    put: async (bytes, owner) => {
      const sha256 = sha256Of(bytes);
      const sizeBytes = bytes.byteLength;
      for (let index = 0; index < chunkCount(sizeBytes); index++) {
        const chunk = bytes.subarray(index * CHUNK_BYTES, (index + 1) * CHUNK_BYTES);
        if (await send({ sha256, sizeBytes, index, bytes: chunk }, owner)) break;
      }
      return sha256;
    },
    missingChunks: (sha256, sizeBytes, owner) =>
      lock(sha256, () => missingChunks(modules, sha256, sizeBytes, owner)),
    find: async (sha256) => {
      const row = await currentRow(modules, sha256);
      return row?.state === 'stored' ? { path: files.pathOf(sha256), sizeBytes: row.size_bytes } : undefined;
    },
    open: async (sha256, accountId) => {
      const row = await currentRow(modules, sha256);
      if (row?.state !== 'stored' || !(await rows.ownsBlob(store, sha256, accountId))) {
        throw new RiosError('NOT_FOUND_BLOB', `there is no blob ${sha256}`);
      }
      return { sizeBytes: row.size_bytes, read: (from, to) => files.read(sha256, from, to) };
    },
    collect: async (sha256s) => {
      for (const sha256 of sha256s) await lock(sha256, () => forget(modules, sha256));
    },
    sweep: () => sweep(modules, lock),
    recover: async () => {
      await settleFiles(modules);
      await sweep(modules, lock);
    },
  };
}

function checkChunk({ index, sizeBytes, bytes }: ChunkUpload): void {
  const count = chunkCount(sizeBytes);
  const expected = chunkLength({ sizeBytes }, index);
  if (index < count && bytes.byteLength === expected) return;
  throw new RiosError('USER_INVALID_REQUEST', `chunk ${index} has ${bytes.byteLength} bytes`, {
    hint: 'Send the whole chunk: all are 4 MiB, save the last one.',
    details: { index, chunks: count, expectedBytes: index < count ? expected : 0 },
  });
}

async function putChunk(modules: BlobModules, upload: ChunkUpload, owner: BlobOwner): Promise<boolean> {
  const { store, files, clock } = modules;
  const { sha256, sizeBytes, index, bytes } = upload;
  const row = await currentRow(modules, sha256);
  if (row?.state === 'stored') return adopt(modules, row, upload, owner);
  await beginUpload(modules, row, upload, owner);
  await files.writeChunk(sha256, index, bytes);
  await touch(modules, row);
  const here = await files.readChunks(sha256, chunkCount(sizeBytes));
  if (here.includes(0)) return false;
  const actual = await files.hashUpload(sha256);
  if (actual !== sha256) {
    await files.discardUpload(sha256);
    throw new RiosError('INTEGRITY_HASH', `the upload of blob ${sha256} has another hash`, {
      hint: 'Send all of its chunks again.',
      details: { expected: sha256, actual },
    });
  }
  await files.publish(sha256);
  await rows.setBlobStored(store, sha256, clock.now());
  return true;
}

/** Before the first chunk: the quota, the disk, and the row. A wrong size given earlier starts the upload anew. */
async function beginUpload(
  modules: BlobModules,
  row: BlobRow | undefined,
  { sha256, sizeBytes }: ChunkUpload,
  owner: BlobOwner,
): Promise<void> {
  const { store, files, clock } = modules;
  const anew = row === undefined || row.size_bytes !== sizeBytes;
  if (!anew && (await rows.ownsBlob(store, sha256, owner.accountId))) return;
  if (anew) await checkDisk(modules, sizeBytes);
  if (row !== undefined && anew) {
    await rows.deleteUnreferencedBlob(store, sha256);
    await files.discardUpload(sha256);
  }
  await store.transaction().execute(async (tx) => {
    await checkQuota(tx, sizeBytes, owner);
    await rows.insertUploadingBlob(tx, { sha256, sizeBytes, now: clock.now() });
    await rows.insertBlobOwner(tx, sha256, owner.accountId);
  });
}

/** One who sends a chunk of a blob that is stored already shares it, when the chunk is the right one. */
async function adopt(
  { store, files }: BlobModules,
  row: BlobRow,
  { sha256, sizeBytes, index, bytes }: ChunkUpload,
  owner: BlobOwner,
): Promise<boolean> {
  if (row.size_bytes !== sizeBytes) {
    throw new RiosError('INTEGRITY_HASH', `blob ${sha256} has ${row.size_bytes} bytes, not ${sizeBytes}`);
  }
  if (await rows.ownsBlob(store, sha256, owner.accountId)) return true;
  const from = index * CHUNK_BYTES;
  const known = Buffer.concat(await files.read(sha256, from, from + bytes.byteLength).toArray());
  if (!known.equals(bytes)) throw new RiosError('INTEGRITY_HASH', `chunk ${index} is not of blob ${sha256}`);
  await store.transaction().execute(async (tx) => {
    await checkQuota(tx, sizeBytes, owner);
    await rows.insertBlobOwner(tx, sha256, owner.accountId);
  });
  return true;
}

async function checkQuota(tx: Store, sizeBytes: number, owner: BlobOwner): Promise<void> {
  const usedBytes = await rows.sumOwnedBytes(tx, owner.accountId);
  if (usedBytes + sizeBytes <= owner.blobQuotaBytes) return;
  throw new RiosError('QUOTA_BLOBS', `this blob of ${sizeBytes} bytes would exceed the quota`, {
    details: { usedBytes, sizeBytes, quotaBytes: owner.blobQuotaBytes },
  });
}

async function checkDisk({ freeBytes }: BlobModules, sizeBytes: number): Promise<void> {
  const free = await freeBytes();
  if (sizeBytes + RESERVED_BYTES <= free) return;
  throw new RiosError('CAPACITY_DISK', `the disk has ${free} bytes left; the blob has ${sizeBytes}`, {
    details: { freeBytes: free, sizeBytes, reservedBytes: RESERVED_BYTES },
  });
}

/** The row of a blob; one whose file was taken away from under us counts as not uploaded yet. */
async function currentRow({ store, files, log }: BlobModules, sha256: string): Promise<BlobRow | undefined> {
  const row = await rows.getBlob(store, sha256);
  if (row?.state !== 'stored' || (await files.sizeOf(sha256)) === row.size_bytes) return row;
  log.error('the file of a stored blob is gone', { sha256 });
  await rows.setBlobUploading(store, sha256);
  return { ...row, state: 'uploading' };
}

async function touch({ store, clock }: BlobModules, row: BlobRow | undefined): Promise<void> {
  if (row === undefined || clock.now() - row.touched_at < TOUCH_INTERVAL_MS) return;
  await rows.touchBlob(store, row.sha256, clock.now());
}

async function missingChunks(
  modules: BlobModules,
  sha256: string,
  sizeBytes: number,
  owner: BlobOwner,
): Promise<number[]> {
  const { store, files } = modules;
  const row = await currentRow(modules, sha256);
  const all = Array.from({ length: chunkCount(sizeBytes) }, (_, index) => index);
  if (row === undefined || row.size_bytes !== sizeBytes) return all;
  await touch(modules, row);
  if (row.state === 'stored') return (await rows.ownsBlob(store, sha256, owner.accountId)) ? [] : [0];
  const here = await files.readChunks(sha256, all.length);
  const missing = all.filter((index) => here[index] === 0);
  // All are here, but a kill came before the check of the whole: the last one, sent again, brings it about.
  return missing.length === 0 ? all.slice(-1) : missing;
}

async function sweep(modules: BlobModules, lock: KeyLock): Promise<void> {
  for (const { sha256 } of await listStale(modules)) await lock(sha256, () => forget(modules, sha256));
}

async function listStale({ store, clock }: BlobModules): Promise<BlobRow[]> {
  const now = clock.now();
  const unreferenced = await rows.listUnreferencedBlobs(store, now - UNREFERENCED_TTL_MS);
  return unreferenced.filter((row) => row.state === 'stored' || row.touched_at <= now - UPLOAD_TTL_MS);
}

/** The row goes first: a kill in between leaves a file that the next sweep takes. */
async function forget({ store, files }: BlobModules, sha256: string): Promise<void> {
  if (await rows.deleteUnreferencedBlob(store, sha256)) await files.remove(sha256);
}

/** A file without a row goes; one that was published before its row could say so counts. */
async function settleFiles({ store, files, clock, log }: BlobModules): Promise<void> {
  const known = new Map((await rows.listBlobs(store)).map((row) => [row.sha256, row]));
  for (const sha256 of await files.list()) {
    const row = known.get(sha256);
    if (row === undefined) {
      log.info('removed a file that the store does not know', { sha256 });
      await files.remove(sha256);
    } else if (row.state === 'uploading' && (await files.sizeOf(sha256)) === row.size_bytes) {
      await rows.setBlobStored(store, sha256, clock.now());
    }
  }
}
