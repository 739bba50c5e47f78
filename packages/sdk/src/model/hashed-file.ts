import { createHash, type Hash } from 'node:crypto';
import { mkdir, open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { CHUNK_BYTES, type ManifestFile } from '../schema/manifest.ts';

/** Digests of a file and of its chunks, fed piece by piece. */
export interface FileDigest {
  update(bytes: Uint8Array): void;
  /** The manifest's entry; call once. */
  finish(path: string): ManifestFile;
}

/** Starts a digest. A file that fits one chunk has its own sha256 as that chunk's; an empty file has none. */
export function createFileDigest(): FileDigest {
  const whole = createHash('sha256');
  const chunks: string[] = [];
  let chunk: Hash | undefined;
  let chunkBytes = 0;
  let sizeBytes = 0;
  const closeChunk = () => {
    if (chunk) chunks.push(chunk.digest('hex'));
    chunk = undefined;
    chunkBytes = 0;
  };
  return {
    update: (bytes) => {
      whole.update(bytes);
      sizeBytes += bytes.length;
      for (let at = 0; at < bytes.length; ) {
        const piece = bytes.subarray(at, at + CHUNK_BYTES - chunkBytes);
        chunk ??= createHash('sha256');
        chunk.update(piece);
        chunkBytes += piece.length;
        at += piece.length;
        if (chunkBytes === CHUNK_BYTES) closeChunk();
      }
    },
    finish: (path) => {
      closeChunk();
      return { path, sizeBytes, sha256: whole.digest('hex'), chunks };
    },
  };
}

/** A new file of a bundle, hashed while it is written front to back. */
export interface HashedFile {
  readonly sizeBytes: number;
  /** Writes all of `bytes`; they may be reused afterwards. */
  append(bytes: Uint8Array): Promise<void>;
  /** Appends zeros up to `offset`. */
  padTo(offset: number): Promise<void>;
  /** Closes the file; its entry for the manifest. */
  finish(): Promise<ManifestFile>;
  /** Closes the file after an error. */
  abandon(): Promise<void>;
}

/** Creates `path` inside `directory` with its folders. Disk errors come as Node throws them. */
export async function createHashedFile(directory: string, path: string): Promise<HashedFile> {
  const target = join(directory, path);
  await mkdir(dirname(target), { recursive: true });
  const file = await open(target, 'w');
  const digest = createFileDigest();
  let sizeBytes = 0;
  const append = async (bytes: Uint8Array) => {
    for (let at = 0; at < bytes.length; ) {
      const { bytesWritten } = await file.write(bytes, at, bytes.length - at);
      at += bytesWritten;
    }
    digest.update(bytes);
    sizeBytes += bytes.length;
  };
  return {
    get sizeBytes() {
      return sizeBytes;
    },
    append,
    padTo: (offset) => append(new Uint8Array(offset - sizeBytes)),
    finish: async () => {
      await file.close();
      return digest.finish(path);
    },
    abandon: () => file.close(),
  };
}

/** Writes a small file in one go. */
export async function writeHashedFile(
  directory: string,
  path: string,
  bytes: Uint8Array,
): Promise<ManifestFile> {
  const file = await createHashedFile(directory, path);
  try {
    await file.append(bytes);
  } catch (error) {
    await file.abandon();
    throw error;
  }
  return file.finish();
}
