import { createHash } from 'node:crypto';
import { constants, createReadStream } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { CHUNK_BYTES } from '@rios/sdk/schema/manifest';

/** Bytes hashed at once: a millisecond of the main thread. */
const HASH_STEP_BYTES = 1024 * 1024;

/**
 * Blobs on the disk: `<root>/aa/<sha256>` once whole and checked; while uploading `<sha256>.part` with
 * `<sha256>.chunks` beside it, one byte per chunk (1 = here). No locking: services/blobs.ts orders the calls.
 */
export interface BlobFiles {
  pathOf(sha256: string): string;
  /** Size of the whole blob in bytes; undefined when it is not here. */
  sizeOf(sha256: string): Promise<number | undefined>;
  /** Bytes [from, to) of a whole blob. */
  read(sha256: string, from: number, to: number): Readable;
  /** Which chunks of an upload are here, one flag per chunk. */
  readChunks(sha256: string, count: number): Promise<Uint8Array>;
  writeChunk(sha256: string, index: number, bytes: Uint8Array): Promise<void>;
  /** Lower-case hex sha256 of what was uploaded. */
  hashUpload(sha256: string): Promise<string>;
  /** Makes the upload the blob: on the disk for good, then visible, at once. */
  publish(sha256: string): Promise<void>;
  discardUpload(sha256: string): Promise<void>;
  /** Where a blob that is being brought here goes. */
  copyPathOf(sha256: string): string;
  /** Lower-case hex sha256 of what was brought. */
  hashCopy(sha256: string): Promise<string>;
  /** As `publish`, for what was brought. */
  publishCopy(sha256: string): Promise<void>;
  discardCopy(sha256: string): Promise<void>;
  remove(sha256: string): Promise<void>;
  /** sha256 of everything that has a file here, whole or not. */
  list(): Promise<Set<string>>;
}

export function createBlobFiles(root: string): BlobFiles {
  const pathOf = (sha256: string) => join(root, sha256.slice(0, 2), sha256);
  const partOf = (sha256: string) => `${pathOf(sha256)}.part`;
  const chunksOf = (sha256: string) => `${pathOf(sha256)}.chunks`;
  const discardUpload = async (sha256: string) => {
    await rm(chunksOf(sha256), { force: true });
    await rm(partOf(sha256), { force: true });
  };
  const copyPathOf = (sha256: string) => `${pathOf(sha256)}.copy`;
  const discardCopy = async (sha256: string) => {
    for (const end of ['.part.map', '.part', '']) await rm(`${copyPathOf(sha256)}${end}`, { force: true });
  };
  const publish = async (from: string, sha256: string) => {
    await withFile(from, 'r+', (file) => file.sync());
    await rename(from, pathOf(sha256));
    await withFile(dirname(pathOf(sha256)), 'r', (directory) => directory.sync());
  };
  return {
    pathOf,
    sizeOf: (sha256) => sizeOf(pathOf(sha256)),
    read: (sha256, from, to) =>
      from === to ? Readable.from([]) : createReadStream(pathOf(sha256), { start: from, end: to - 1 }),
    readChunks: (sha256, count) => readChunks(chunksOf(sha256), count),
    writeChunk: async (sha256, index, bytes) => {
      await mkdir(dirname(pathOf(sha256)), { recursive: true });
      await writeAt(partOf(sha256), index * CHUNK_BYTES, bytes);
      await writeAt(chunksOf(sha256), index, Uint8Array.of(1));
    },
    hashUpload: (sha256) => hashFile(partOf(sha256)),
    publish: async (sha256) => {
      await publish(partOf(sha256), sha256);
      await rm(chunksOf(sha256), { force: true });
    },
    discardUpload,
    copyPathOf,
    hashCopy: (sha256) => hashFile(copyPathOf(sha256)),
    publishCopy: async (sha256) => {
      await publish(copyPathOf(sha256), sha256);
      await discardCopy(sha256);
    },
    discardCopy,
    remove: async (sha256) => {
      await rm(pathOf(sha256), { force: true });
      await discardUpload(sha256);
      await discardCopy(sha256);
    },
    list: () => listNames(root),
  };
}

async function sizeOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

async function readChunks(path: string, count: number): Promise<Uint8Array> {
  const chunks = new Uint8Array(count);
  try {
    chunks.set((await readFile(path)).subarray(0, count));
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
  return chunks;
}

/** Writes into a file that may not exist yet, leaving its other bytes alone. */
async function writeAt(path: string, position: number, bytes: Uint8Array): Promise<void> {
  await withFile(path, constants.O_RDWR | constants.O_CREAT, async (file) => {
    let written = 0;
    while (written < bytes.byteLength) {
      const step = await file.write(bytes, written, bytes.byteLength - written, position + written);
      written += step.bytesWritten;
    }
  });
}

async function hashFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const bytes of createReadStream(path, { highWaterMark: HASH_STEP_BYTES })) hash.update(bytes);
  return hash.digest('hex');
}

async function withFile<T>(
  path: string,
  flags: string | number,
  use: (file: FileHandle) => Promise<T>,
): Promise<T> {
  const file = await open(path, flags, 0o600);
  try {
    return await use(file);
  } finally {
    await file.close();
  }
}

async function listNames(root: string): Promise<Set<string>> {
  const found = new Set<string>();
  for (const name of await readdir(root, { recursive: true })) {
    const sha256 = /(?:^|[/\\])([0-9a-f]{64})(?:\.part|\.chunks|\.copy(?:\.part(?:\.map)?)?)?$/.exec(
      name,
    )?.[1];
    if (sha256 !== undefined) found.add(sha256);
  }
  return found;
}

const isMissing = (error: unknown) => (error as NodeJS.ErrnoException).code === 'ENOENT';
