import { stat } from 'node:fs/promises';
import { RiosError, toRiosError } from '../errors/error.ts';
import { CHUNK_BYTES, chunkLength, type ManifestFile } from '../schema/manifest.ts';
import type { TicketBundle } from '../schema/trust.ts';
import { type ChunkSource, createChunkSource, type FileSource } from './chunk-source.ts';
import { openPartFile, type PartFile } from './part-file.ts';

export { type FileSource, peerSources } from './chunk-source.ts';

/** What to fetch, from whom, to where. */
export interface FetchFileOptions {
  readonly file: ManifestFile;
  readonly modelHash: string;
  readonly ticket: TicketBundle;
  readonly sources: readonly FileSource[];
  /** Where the whole file ends up; `<destination>.part` holds it until then. */
  readonly destination: string;
  /** Bytes that became certain since the last call (resumed ones too). */
  readonly onBytes?: (bytes: number) => void;
  readonly signal?: AbortSignal;
}

/** Chunks under way at once, over all sources: what bounds the memory of a fetch. */
const MAX_IN_FLIGHT = 8;
/** Chunks under way at once from one source. */
const MAX_PER_SOURCE = 4;

/**
 * Fetches one file chunk by chunk from several sources at once; each chunk counts only when its hash is right,
 * and a source that sends a wrong one is asked no more. Resumes what an earlier call left; a destination that is
 * there already is left alone. Throws CAPACITY_DISK, USER_INTERRUPTED, INTEGRITY_HASH (a manifest that
 * contradicts itself), and when no source is left, what all of them failed with, or PEER_UNREACHABLE.
 */
export async function fetchFile(options: FetchFileOptions): Promise<void> {
  const { file, destination, onBytes, signal } = options;
  assertChunked(file);
  if (await isThere(destination, file.sizeBytes)) return onBytes?.(file.sizeBytes);
  const part = await openPartFile(file, destination);
  const stop = new AbortController();
  const over = signal === undefined ? stop.signal : AbortSignal.any([stop.signal, signal]);
  try {
    onBytes?.(file.sizeBytes - part.missing.reduce((sum, index) => sum + chunkLength(file, index), 0));
    const sources = options.sources.map((source) => createChunkSource(source, { ...options, signal: over }));
    await fetchMissing(part, sources, over, (index) => onBytes?.(chunkLength(file, index)));
  } catch (error) {
    stop.abort(error);
    await part.close();
    throw signal?.aborted ? new RiosError('USER_INTERRUPTED', 'the fetch was cancelled') : toRiosError(error);
  }
  await part.finish();
}

/** Rounds until nothing is missing: a round ends when its sources have run dry or failed. */
async function fetchMissing(
  part: PartFile,
  sources: readonly ChunkSource[],
  signal: AbortSignal,
  onChunk: (index: number) => void,
): Promise<void> {
  const queue = [...part.missing];
  while (queue.length > 0) {
    const usable = sources.filter((source) => source.failure === undefined);
    if (usable.length === 0) throw noSourceLeft(sources);
    const lanes = laneSources(usable).map((source) => runLane(source, queue, part, signal, onChunk));
    const failed = (await Promise.allSettled(lanes)).find((lane) => lane.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
    signal.throwIfAborted();
  }
}

/** Each usable source, as often as it may be asked at once; in turn, so that few chunks are shared too. */
function laneSources(usable: readonly ChunkSource[]): ChunkSource[] {
  const chosen = usable.slice(0, MAX_IN_FLIGHT);
  const each = Math.max(1, Math.min(MAX_PER_SOURCE, Math.floor(MAX_IN_FLIGHT / chosen.length)));
  return Array.from({ length: each }, () => chosen).flat();
}

async function runLane(
  source: ChunkSource,
  queue: number[],
  part: PartFile,
  signal: AbortSignal,
  onChunk: (index: number) => void,
): Promise<void> {
  while (source.failure === undefined && !signal.aborted) {
    const index = queue.shift();
    if (index === undefined) return;
    const bytes = await source.fetch(index);
    if (bytes === undefined) {
      queue.push(index);
      continue;
    }
    await part.write(index, bytes);
    onChunk(index);
  }
}

function assertChunked(file: ManifestFile): void {
  const expected = Math.ceil(file.sizeBytes / CHUNK_BYTES);
  const alone = file.chunks.length !== 1 || file.chunks[0] === file.sha256;
  if (file.chunks.length === expected && alone) return;
  throw new RiosError('INTEGRITY_HASH', `the manifest contradicts itself about ${file.path}`);
}

/** A destination gets its name only when every chunk was verified. */
async function isThere(destination: string, sizeBytes: number): Promise<boolean> {
  const found = await stat(destination).catch(() => undefined);
  return found !== undefined && found.size === sizeBytes;
}

function noSourceLeft(sources: readonly ChunkSource[]): RiosError {
  const failures = sources.map(({ peerId, failure }) => ({
    peerId,
    code: failure?.code,
    text: failure?.message,
  }));
  const codes = new Set(failures.map((failure) => failure.code));
  const [only] = codes.size === 1 ? codes : [];
  return new RiosError(only ?? 'PEER_UNREACHABLE', 'no source gave the rest of the file', {
    details: { sources: failures.slice(0, 16) },
  });
}
