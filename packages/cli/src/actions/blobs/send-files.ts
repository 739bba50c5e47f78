import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import type { Client } from '@rios/sdk/api/client';
import { RiosError } from '@rios/sdk/errors/error';
import type { ManifestFile } from '@rios/sdk/schema/manifest';
import { inParallel } from '../../parallel.ts';
import type { Progress } from '../../progress/progress.ts';
import { type Chunk, chunkOf } from '../model/chunks.ts';

const PARALLEL_CHUNKS = 4;
const CHUNK_TIMEOUT_MS = 120_000;
/** Times that the missing chunks are asked for: an upload begins anew when the orchestrator that took it dies. */
const MAX_ROUNDS = 5;

async function missingChunks(
  client: Client,
  files: readonly ManifestFile[],
  signal: AbortSignal,
): Promise<Chunk[]> {
  const bySha = new Map(files.map((file) => [file.sha256, file]));
  const blobs = files.map(({ sha256, sizeBytes }) => ({ sha256, sizeBytes }));
  const { missing } = await client.missingChunks({ body: { blobs }, signal });
  return missing.flatMap(({ sha256, chunks }) => {
    const file = bySha.get(sha256);
    if (file === undefined)
      throw new RiosError('API_REMOTE', `the server asks for a blob that is not ours: ${sha256}`);
    return chunks.map((index) => chunkOf(file, index));
  });
}

async function readChunk(opened: FileHandle, chunk: Chunk): Promise<Uint8Array> {
  const bytes = new Uint8Array(chunk.to - chunk.from);
  const { bytesRead } = await opened.read(bytes, 0, bytes.length, chunk.from);
  const actual = createHash('sha256').update(bytes).digest('hex');
  if (bytesRead === bytes.length && actual === chunk.sha256) return bytes;
  throw new RiosError(
    'INTEGRITY_HASH',
    `${chunk.file.path} is not what it was hashed as (chunk ${chunk.index})`,
    {
      details: { path: chunk.file.path, chunk: chunk.index, expected: chunk.sha256, actual },
    },
  );
}

export interface SendOptions {
  readonly client: Client;
  /** That the paths of the files begin at. */
  readonly folder: string;
  readonly signal: AbortSignal;
}

/** Bytes that were sent, and those that were missing at first. */
export interface Sent {
  readonly sentBytes: number;
  readonly missingBytes: number;
}

/** Returns the blobs that the server did not call complete. */
async function sendChunks(
  options: SendOptions,
  chunks: readonly Chunk[],
  onSent: (sizeBytes: number) => void,
): Promise<Set<string>> {
  const incomplete = new Set(chunks.map(({ file }) => file.sha256));
  await inParallel(chunks, PARALLEL_CHUNKS, options.signal, async (chunk, signal) => {
    const opened = await open(join(options.folder, chunk.file.path), 'r');
    try {
      const body = await readChunk(opened, chunk);
      const { complete } = await options.client.putChunk({
        params: { sha256: chunk.file.sha256, index: chunk.index },
        query: { sizeBytes: chunk.file.sizeBytes },
        body,
        signal,
        timeoutMs: CHUNK_TIMEOUT_MS,
      });
      if (complete) incomplete.delete(chunk.file.sha256);
      onSent(body.length);
    } finally {
      await opened.close();
    }
  });
  return incomplete;
}

const bytesOf = (chunks: readonly Chunk[]) => chunks.reduce((sum, { from, to }) => sum + to - from, 0);

/**
 * Uploads files to the network's store: only chunks that are missing there, each checked against its hash before it is
 * sent, four at a time; called again after a cut it goes on.
 * @throws RiosError INTEGRITY_HASH (a file changed), QUOTA_BLOBS, API_*
 */
export async function sendFiles(
  options: SendOptions,
  files: readonly ManifestFile[],
  progress: Progress,
): Promise<Sent> {
  const { client, signal } = options;
  let chunks = await missingChunks(client, files, signal);
  const missingBytes = bytesOf(chunks);
  let totalBytes = missingBytes;
  let sentBytes = 0;
  for (let round = 1; chunks.length > 0; round++) {
    const incomplete = await sendChunks(options, chunks, (sizeBytes) => {
      sentBytes += sizeBytes;
      progress.bytes(sentBytes, totalBytes);
    });
    if (incomplete.size === 0 || round === MAX_ROUNDS) break;
    chunks = await missingChunks(
      client,
      files.filter(({ sha256 }) => incomplete.has(sha256)),
      signal,
    );
    totalBytes += bytesOf(chunks);
  }
  return { sentBytes, missingBytes };
}
