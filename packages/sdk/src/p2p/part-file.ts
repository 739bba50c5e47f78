import { type FileHandle, mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { sha256Of } from '../crypto/hash.ts';
import { freeDiskBytes } from '../disk.ts';
import { RiosError, toRiosError } from '../errors/error.ts';
import { CHUNK_BYTES, chunkLength, type ManifestFile } from '../schema/manifest.ts';
import { readExactly } from './serve-file.ts';

/** A file that is being put together: `<destination>.part`, and `.part.map` with one byte per chunk (1 = written). */
export interface PartFile {
  /** Indices of the chunks that are still to be fetched, ascending. */
  readonly missing: readonly number[];
  /** Writes a chunk that was verified. Throws CAPACITY_DISK when the disk is full. */
  write(index: number, bytes: Uint8Array): Promise<void>;
  /** All chunks are in: makes it the destination. */
  finish(): Promise<void>;
  /** Closes, and keeps what is there for the next time. */
  close(): Promise<void>;
}

/** Opens or creates the part file. What an earlier run wrote counts only when its hash is right. */
export async function openPartFile(file: ManifestFile, destination: string): Promise<PartFile> {
  const part = `${destination}.part`;
  const map = `${part}.map`;
  await mkdir(dirname(destination), { recursive: true });
  const content = await openToUpdate(part);
  const marks = await openToUpdate(map);
  const close = async () => {
    await Promise.all([content.close(), marks.close()]);
  };
  try {
    const missing = await findMissing(file, content, marks);
    await assertSpace(file, missing, destination);
    return {
      missing,
      async write(index, bytes) {
        await writeAll(content, bytes, index * CHUNK_BYTES);
        await writeAll(marks, Uint8Array.of(1), index);
      },
      async finish() {
        await content.truncate(file.sizeBytes);
        await content.sync();
        await close();
        await rename(part, destination);
        await rm(map, { force: true });
      },
      close,
    };
  } catch (error) {
    await close();
    throw toRiosError(error);
  }
}

/** For reading and writing, created when missing, never truncated. */
async function openToUpdate(path: string): Promise<FileHandle> {
  const created = await open(path, 'a', 0o600);
  await created.close();
  return await open(path, 'r+');
}

async function findMissing(file: ManifestFile, content: FileHandle, marks: FileHandle): Promise<number[]> {
  const written = new Uint8Array(file.chunks.length);
  await marks.read(written, 0, written.length, 0);
  const missing: number[] = [];
  for (const [index, sha256] of file.chunks.entries()) {
    const there = written[index] === 1 && (await isChunk(content, file, index, sha256));
    if (!there) missing.push(index);
  }
  return missing;
}

async function isChunk(
  content: FileHandle,
  file: ManifestFile,
  index: number,
  sha256: string,
): Promise<boolean> {
  const bytes = await readExactly(content, index * CHUNK_BYTES, chunkLength(file, index)).catch(
    () => undefined,
  );
  return bytes !== undefined && sha256Of(bytes) === sha256;
}

async function assertSpace(file: ManifestFile, missing: readonly number[], destination: string) {
  const neededBytes = missing.reduce((sum, index) => sum + chunkLength(file, index), 0);
  const freeBytes = await freeDiskBytes(dirname(destination));
  if (neededBytes <= freeBytes) return;
  throw new RiosError('CAPACITY_DISK', 'the disk has too little space for the file', {
    details: { path: file.path, neededBytes, freeBytes },
  });
}

async function writeAll(handle: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let at = 0; at < bytes.length; ) {
    const { bytesWritten } = await handle
      .write(bytes, at, bytes.length - at, position + at)
      .catch((error: unknown) => {
        throw toRiosError(error);
      });
    at += bytesWritten;
  }
}
