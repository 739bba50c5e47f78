import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { RiosError } from '../errors/error.ts';
import { CHUNK_BYTES, type Manifest, type ManifestFile } from '../schema/manifest.ts';
import { createFileDigest } from './hashed-file.ts';

/** Bytes hashed so far, of all that will be. */
export type OnVerifyProgress = (doneBytes: number, totalBytes: number) => void;

/**
 * Hashes every file of a bundle, one chunk in memory at a time.
 * Throws INTEGRITY_HASH naming the first file that is missing, longer, shorter or different.
 */
export async function verifyFiles(
  bundleDirectory: string,
  manifest: Pick<Manifest, 'files'>,
  onProgress: OnVerifyProgress = () => {},
): Promise<void> {
  const totalBytes = manifest.files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const buffer = new Uint8Array(CHUNK_BYTES);
  let doneBytes = 0;
  for (const file of manifest.files) {
    await verifyFile(bundleDirectory, file, buffer, (bytes) => {
      doneBytes += bytes;
      onProgress(doneBytes, totalBytes);
    });
  }
}

async function verifyFile(
  directory: string,
  file: ManifestFile,
  buffer: Uint8Array,
  onBytes: (bytes: number) => void,
): Promise<void> {
  const opened = await open(join(directory, file.path), 'r').catch((cause) => {
    throw mismatch(file, 'is missing', cause);
  });
  try {
    const facts = await opened.stat();
    if (!facts.isFile() || facts.size !== file.sizeBytes)
      throw mismatch(file, `has ${facts.size} bytes, not ${file.sizeBytes}`);
    await compare(opened, file, buffer, onBytes);
  } finally {
    await opened.close();
  }
}

async function compare(
  opened: FileHandle,
  file: ManifestFile,
  buffer: Uint8Array,
  onBytes: (bytes: number) => void,
): Promise<void> {
  const digest = createFileDigest();
  for (let at = 0; at < file.sizeBytes; ) {
    const { bytesRead } = await opened.read(buffer, 0, buffer.length, at);
    if (bytesRead === 0) throw mismatch(file, 'became shorter while it was read');
    digest.update(buffer.subarray(0, bytesRead));
    at += bytesRead;
    onBytes(bytesRead);
  }
  const found = digest.finish(file.path);
  const chunk = found.chunks.findIndex((hash, i) => hash !== file.chunks[i]);
  if (chunk >= 0) throw mismatch(file, `differs in chunk ${chunk}`);
  if (found.sha256 !== file.sha256) throw mismatch(file, 'differs');
}

function mismatch({ path }: ManifestFile, problem: string, cause?: unknown): RiosError {
  return new RiosError('INTEGRITY_HASH', `${path} ${problem}`, {
    details: { path },
    ...(cause === undefined ? {} : { cause }),
  });
}
