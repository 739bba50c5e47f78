import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { RiosError } from '@rios/sdk/errors/error';
import type { ManifestFile } from '@rios/sdk/schema/manifest';
import type { ModelFiles } from '../engine.ts';

/** Graphs and tokenizers are read whole: none may be larger. */
const MAX_READ_BYTES = 64 * 1024 * 1024;

/**
 * Reads one of a model's small files and checks it against the manifest.
 * Throws MODEL_BUNDLE_INVALID (missing, unnamed or too large) or INTEGRITY_HASH.
 */
export async function readChecked(model: ModelFiles, path: string): Promise<Uint8Array> {
  const file = namedFile(model, path);
  if (file.sizeBytes > MAX_READ_BYTES) throw broken(path, 'is too large to be read');
  await checkSize(model, file);
  const bytes = await readFile(join(model.directory, path)).catch(unreadable(path));
  if (createHash('sha256').update(bytes).digest('hex') !== file.sha256) throw wrongHash(path);
  return bytes;
}

/** Hashes a file of any size, piece by piece. Throws as `readChecked`. */
export async function checkFile(model: ModelFiles, path: string): Promise<void> {
  const file = namedFile(model, path);
  await checkSize(model, file);
  const hash = createHash('sha256');
  const stream = createReadStream(join(model.directory, path), { highWaterMark: 1024 * 1024 });
  await pipeline(stream, hash).catch(unreadable(path));
  if (hash.digest('hex') !== file.sha256) throw wrongHash(path);
}

/** True when the manifest names `path`. */
export function hasFile(model: ModelFiles, path: string): boolean {
  return model.manifest.files.some((file) => file.path === path);
}

function namedFile(model: ModelFiles, path: string): ManifestFile {
  const file = model.manifest.files.find((candidate) => candidate.path === path);
  if (file === undefined) throw broken(path, 'is not named by the manifest');
  return file;
}

async function checkSize(model: ModelFiles, file: ManifestFile): Promise<void> {
  const { size } = await stat(join(model.directory, file.path)).catch(unreadable(file.path));
  if (size !== file.sizeBytes) throw wrongHash(file.path);
}

const broken = (path: string, what: string) =>
  new RiosError('MODEL_BUNDLE_INVALID', `${path} ${what}`, { details: { path } });

const wrongHash = (path: string) =>
  new RiosError('INTEGRITY_HASH', `${path} is not the file that the manifest names`, { details: { path } });

const unreadable =
  (path: string) =>
  (cause: unknown): never => {
    throw new RiosError('MODEL_BUNDLE_INVALID', `${path} cannot be read`, { details: { path }, cause });
  };
