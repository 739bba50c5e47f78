import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { RiosError } from '../errors/error.ts';
import { createFileDigest, type FileDigest } from '../model/hashed-file.ts';
import type { StoredFile } from '../schema/app.ts';
import { type FolderEntry, listFolder } from './list-folder.ts';

const BLOCK_BYTES = 512;
const READ_BYTES = 1024 * 1024;
/** Where the gzip header names the system (RFC 1952, 2.3): always Unix, so that the bytes are the same anywhere. */
const GZIP_SYSTEM_AT = 9;
const GZIP_UNIX = 3;

export interface PackOptions {
  readonly folder: string;
  /** A new file for the archive. */
  readonly target: string;
  readonly signal: AbortSignal;
  /** Bytes read so far, of how many. */
  readonly onBytes?: (doneBytes: number, totalBytes: number) => void;
}

export interface PackedFolder {
  /** Of the archive. */
  readonly file: StoredFile;
  readonly entries: number;
  /** Unpacked. */
  readonly totalBytes: number;
}

/**
 * Packs an application's folder: tar (pax where names are long), gzip, sorted, owned by nobody, without times, so that
 * the same content has the same digest.
 * @throws RiosError USER_INVALID_REQUEST and NOT_FOUND_FILE as listFolder; CONFLICT_IN_USE for a file that changed
 * meanwhile
 */
export async function packFolder(options: PackOptions): Promise<PackedFolder> {
  const { folder, target, signal } = options;
  const entries = await listFolder(folder, signal);
  const totalBytes = entries.reduce((sum, entry) => sum + (entry.kind === 'file' ? entry.sizeBytes : 0), 0);
  const digest = createFileDigest();
  const output = await open(target, 'wx', 0o600);
  try {
    const tell = (doneBytes: number) => options.onBytes?.(doneBytes, totalBytes);
    await pipeline(writeTar(folder, entries, tell), createGzip({ level: 6 }), writeDigested(output, digest), {
      signal,
    });
  } finally {
    await output.close();
  }
  const { sizeBytes, sha256, chunks } = digest.finish('');
  return { file: { sizeBytes, sha256, chunks }, entries: entries.length, totalBytes };
}

/** Writes what comes, in order, and hashes it. */
function writeDigested(output: FileHandle, digest: FileDigest) {
  return async (pieces: AsyncIterable<Buffer>): Promise<void> => {
    let at = 0;
    for await (const piece of pieces) {
      const system = GZIP_SYSTEM_AT - at;
      if (system >= 0 && system < piece.length) piece[system] = GZIP_UNIX;
      at += piece.length;
      digest.update(piece);
      await output.appendFile(piece);
    }
  };
}

async function* writeTar(
  folder: string,
  entries: readonly FolderEntry[],
  tell: (doneBytes: number) => void,
): AsyncGenerator<Uint8Array> {
  const writeHeader = await loadHeaders();
  let doneBytes = 0;
  for (const entry of entries) {
    yield* writeHeader(entry);
    if (entry.kind !== 'file') continue;
    for await (const bytes of readEntry(folder, entry.path, entry.sizeBytes)) {
      doneBytes += bytes.length;
      yield bytes;
      tell(doneBytes);
    }
    yield Buffer.alloc((BLOCK_BYTES - (entry.sizeBytes % BLOCK_BYTES)) % BLOCK_BYTES);
  }
  yield Buffer.alloc(2 * BLOCK_BYTES);
}

/** Headers of an entry: one block, after pax blocks where a name does not fit in it. */
async function loadHeaders(): Promise<(entry: FolderEntry) => Uint8Array[]> {
  const { Header, Pax } = await import('tar');
  return (entry) => {
    const block = Buffer.alloc(BLOCK_BYTES);
    const fields = {
      path: entry.kind === 'directory' ? `${entry.path}/` : entry.path,
      size: entry.kind === 'file' ? entry.sizeBytes : 0,
      ...(entry.kind === 'link' ? { linkpath: entry.target } : {}),
    };
    const header = new Header({
      ...fields,
      type: TYPES[entry.kind],
      mode: modeOf(entry),
      uid: 0,
      gid: 0,
      mtime: new Date(0),
    });
    const needsPax = header.encode(block, 0);
    return needsPax ? [new Pax({ ...fields, mtime: new Date(0) }).encode(), block] : [block];
  };
}

const TYPES = { file: 'File', directory: 'Directory', link: 'SymbolicLink' } as const;

function modeOf(entry: FolderEntry): number {
  if (entry.kind === 'link') return 0o777;
  return entry.kind === 'directory' || entry.executable ? 0o755 : 0o644;
}

/** Exactly as many bytes as were listed, of the file itself: no link that took its place meanwhile. */
async function* readEntry(folder: string, path: string, sizeBytes: number): AsyncGenerator<Uint8Array> {
  const opened = await open(join(folder, path), constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    if ((await opened.stat()).size !== sizeBytes) throw changed(path);
    for (let at = 0; at < sizeBytes; ) {
      const length = Math.min(READ_BYTES, sizeBytes - at);
      const { bytesRead, buffer } = await opened.read(Buffer.alloc(length), 0, length, at);
      if (bytesRead === 0) throw changed(path);
      at += bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await opened.close();
  }
}

const changed = (path: string) =>
  new RiosError('CONFLICT_IN_USE', `${path} changed while the folder was packed`, {
    hint: 'Deploy again when nothing writes to the folder.',
    details: { path },
  });
