import { createHash, randomBytes } from 'node:crypto';
import { mkdir, open, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { Client } from '@rios/sdk/api/client';
import { RiosError } from '@rios/sdk/errors/error';
import { MANIFEST_DIGEST_PATH, parseManifest } from '@rios/sdk/model/bundle';
import type { PullReport } from '@rios/sdk/schema/cli-results';
import {
  MANIFEST_PATH,
  MAX_MANIFEST_BYTES,
  type Manifest,
  type ManifestFile,
} from '@rios/sdk/schema/manifest';
import { inParallel } from '../../parallel.ts';
import type { Progress } from '../../progress/progress.ts';
import { type Chunk, chunksOf } from './chunks.ts';

const PARALLEL_CHUNKS = 4;

export interface PullOptions {
  readonly client: Client;
  readonly name: string;
  readonly out: string;
  readonly signal: AbortSignal;
}

async function collect(
  bytes: AsyncIterable<Uint8Array>,
  maxBytes: number,
  what: string,
): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of bytes) {
    size += part.length;
    if (size > maxBytes) throw new RiosError('INTEGRITY_HASH', `${what} is longer than it should be`);
    parts.push(part);
  }
  return Buffer.concat(parts);
}

function checkHash(bytes: Uint8Array, expected: string, what: string): void {
  const actual = createHash('sha256').update(bytes).digest('hex');
  if (actual === expected) return;
  throw new RiosError('INTEGRITY_HASH', `${what} is not what was promised`, {
    details: { expected, actual },
  });
}

async function fetchManifest(
  options: PullOptions,
): Promise<{ manifest: Manifest; bytes: Uint8Array; modelHash: string }> {
  const { client, name, signal } = options;
  const { modelHash } = await client.getModel({ params: { name }, signal });
  const answer = await client.getManifest({ params: { name }, signal });
  const bytes = await collect(answer, MAX_MANIFEST_BYTES, 'the manifest');
  checkHash(bytes, modelHash, 'the manifest');
  return { manifest: parseManifest(bytes), bytes, modelHash };
}

async function fetchChunk(options: PullOptions, chunk: Chunk, signal: AbortSignal): Promise<Uint8Array> {
  const { sha256 } = chunk.file;
  const range = { from: chunk.from, to: chunk.to };
  const answer = await options.client.getBlob({ params: { sha256 }, range, signal });
  const what = `chunk ${chunk.index} of ${chunk.file.path}`;
  const bytes = await collect(answer, chunk.to - chunk.from, what);
  checkHash(bytes, chunk.sha256, what);
  return bytes;
}

/** Fetches one file; empty ones need no request. The whole hash is checked as well as each chunk's. */
async function fetchFile(
  options: PullOptions,
  file: ManifestFile,
  folder: string,
  onBytes: (sizeBytes: number) => void,
): Promise<void> {
  const target = join(folder, file.path);
  await mkdir(dirname(target), { recursive: true });
  const opened = await open(target, 'wx');
  try {
    const chunks = file.sizeBytes === 0 ? [] : chunksOf(file);
    await inParallel(chunks, PARALLEL_CHUNKS, options.signal, async (chunk, signal) => {
      const bytes = await fetchChunk(options, chunk, signal);
      await opened.write(bytes, 0, bytes.length, chunk.from);
      onBytes(bytes.length);
    });
    await opened.sync();
  } finally {
    await opened.close();
  }
}

async function refuseExisting(out: string): Promise<void> {
  const found = await stat(out).catch(() => undefined);
  if (found === undefined) return;
  throw new RiosError('CONFLICT_EXISTS', `${out} exists already`, {
    hint: 'Choose another --out, or remove it first.',
  });
}

/**
 * Downloads a model as a bundle: the manifest against the model hash, every chunk against the manifest, into a
 * folder beside `out` that is renamed when all is there. Nothing is left behind when it fails.
 * @throws RiosError CONFLICT_EXISTS, NOT_FOUND_MODEL, INTEGRITY_HASH, CAPACITY_DISK, API_*
 */
export async function pullModel(options: PullOptions, progress: Progress): Promise<PullReport> {
  const out = resolve(options.out);
  await refuseExisting(out);
  const { manifest, bytes, modelHash } = await fetchManifest(options);
  const sizeBytes = manifest.files.reduce((sum, file) => sum + file.sizeBytes, 0);
  const folder = `${out}.${randomBytes(4).toString('hex')}.part`;
  progress.step(`Pulling ${options.name}`);
  try {
    await mkdir(folder, { recursive: true });
    let doneBytes = 0;
    for (const file of manifest.files) {
      await fetchFile(options, file, folder, (more) => {
        doneBytes += more;
        progress.bytes(doneBytes, sizeBytes);
      });
    }
    await writeFile(join(folder, MANIFEST_PATH), bytes);
    await writeFile(join(folder, MANIFEST_DIGEST_PATH), `${modelHash}\n`);
    await rename(folder, out);
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
  progress.stop();
  return { name: options.name, modelHash, out, sizeBytes };
}
