import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { blobOf, MANIFEST_NAME, type Manifest, refuseArchive, type SavedFile } from './backup-manifest.ts';

const BLOCK_BYTES = 512;
const READ_BYTES = 1024 * 1024;

/** What goes into an archive: bytes at hand, or a file. */
export type Entry =
  | { readonly path: string; readonly bytes: Uint8Array }
  | { readonly path: string; readonly file: string };

/**
 * The bytes of a tar archive: the entries, then the manifest with the sha256 of each. A blob that is gone is left
 * out (a running orchestrator may have collected it); one whose bytes are not what its name says ends it.
 * @throws RiosError INTEGRITY_HASH
 */
export async function* writeArchive(
  entries: AsyncIterable<Entry> | Iterable<Entry>,
  { now, onBytes }: { readonly now: number; readonly onBytes: (count: number) => void },
): AsyncGenerator<Uint8Array, Manifest> {
  const writeHeader = await loadHeaders(now);
  const files: SavedFile[] = [];
  for await (const entry of entries) {
    const opened = 'file' in entry ? await openEntry(entry) : undefined;
    if ('file' in entry && opened === undefined) continue;
    try {
      const source =
        opened === undefined ? [('bytes' in entry && entry.bytes) || Buffer.alloc(0)] : read(opened);
      const sizeBytes = opened?.sizeBytes ?? ('bytes' in entry ? entry.bytes.byteLength : 0);
      yield writeHeader(entry.path, sizeBytes);
      const hash = createHash('sha256');
      for await (const bytes of source) {
        hash.update(bytes);
        yield bytes;
        onBytes(bytes.byteLength);
      }
      yield padding(sizeBytes);
      files.push(checkBlob({ path: entry.path, sizeBytes, sha256: hash.digest('hex') }));
    } finally {
      await opened?.handle.close();
    }
  }
  const manifest: Manifest = { files };
  const bytes = Buffer.from(JSON.stringify(manifest));
  yield writeHeader(MANIFEST_NAME, bytes.byteLength);
  yield bytes;
  yield padding(bytes.byteLength);
  yield Buffer.alloc(2 * BLOCK_BYTES);
  return manifest;
}

async function loadHeaders(now: number): Promise<(path: string, size: number) => Uint8Array> {
  const { Header } = await import('tar');
  return (path, size) => {
    const block = Buffer.alloc(BLOCK_BYTES);
    const mtime = new Date(now);
    new Header({ path, size, mode: 0o600, uid: 0, gid: 0, mtime, type: 'File' }).encode(block, 0);
    return block;
  };
}

interface OpenedEntry {
  readonly handle: FileHandle;
  readonly sizeBytes: number;
  readonly path: string;
}

async function openEntry({ path, file }: { path: string; file: string }): Promise<OpenedEntry | undefined> {
  try {
    const handle = await open(file, 'r');
    const { size } = await handle.stat();
    return { handle, sizeBytes: size, path };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT' && blobOf(path) !== undefined) return undefined;
    throw error;
  }
}

/** Exactly as many bytes as the header says. */
async function* read({ handle, sizeBytes, path }: OpenedEntry): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < sizeBytes; ) {
    const length = Math.min(READ_BYTES, sizeBytes - at);
    const { bytesRead, buffer } = await handle.read(Buffer.alloc(length), 0, length, at);
    if (bytesRead === 0) throw refuseArchive(`${path} became shorter while it was read`);
    at += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}

const padding = (sizeBytes: number) => Buffer.alloc((BLOCK_BYTES - (sizeBytes % BLOCK_BYTES)) % BLOCK_BYTES);

function checkBlob(file: SavedFile): SavedFile {
  const expected = blobOf(file.path);
  if (expected === undefined || expected === file.sha256) return file;
  throw refuseArchive(
    `the blob ${expected} on the disk is damaged: push its model again, or --without-blobs`,
  );
}
