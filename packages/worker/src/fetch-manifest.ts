import { sha256Of } from '@rios/sdk/crypto/hash';
import { hasCode, RiosError } from '@rios/sdk/errors/error';
import type { FileSource } from '@rios/sdk/p2p/fetch-file';
import { CHUNK_BYTES, chunkLength } from '@rios/sdk/schema/manifest';
import type { TicketBundle } from '@rios/sdk/schema/trust';
import { Method } from '@rios/sdk/wire/methods';
import { payload } from '@rios/sdk/wire/payload';

const CHUNK_TIMEOUT_MS = 30_000;

/** A manifest by the model's hash, and who may have it. */
export interface ManifestRequest {
  readonly modelHash: string;
  /** Its exact size: nothing longer is read. */
  readonly manifestBytes: number;
  readonly ticket: TicketBundle;
  readonly sources: readonly FileSource[];
  readonly signal: AbortSignal;
}

/**
 * The manifest's bytes, from the first source that has the right ones. It is fetched whole, since its chunks'
 * hashes stand nowhere: the model hash covers it. Throws PEER_UNREACHABLE when no source gave it.
 */
export async function fetchManifest(request: ManifestRequest): Promise<Uint8Array> {
  const problems: Record<string, string> = {};
  for (const source of request.sources) {
    request.signal.throwIfAborted();
    try {
      return await fetchFrom(source, request);
    } catch (error) {
      if (hasCode(error, 'CAPACITY_DISK')) throw error;
      problems[source.peerId] = error instanceof Error ? error.message.slice(0, 200) : 'unknown';
    }
  }
  throw new RiosError('PEER_UNREACHABLE', 'no member gave the manifest of the model', {
    details: { modelHash: request.modelHash, sources: problems },
  });
}

async function fetchFrom(source: FileSource, request: ManifestRequest): Promise<Uint8Array> {
  const { modelHash, manifestBytes, ticket, signal } = request;
  const link = await source.connect();
  const bytes = new Uint8Array(manifestBytes);
  for (let index = 0; index * CHUNK_BYTES < manifestBytes; index++) {
    const meta = { modelHash, sha256: modelHash, index, ticket };
    const { body } = await link.request(Method.chunk, payload(meta), {
      deadlineMs: CHUNK_TIMEOUT_MS,
      signal,
    });
    const expected = chunkLength({ sizeBytes: manifestBytes }, index);
    if (body.length !== expected) throw wrong(`chunk ${index} has ${body.length} bytes, not ${expected}`);
    bytes.set(body, index * CHUNK_BYTES);
  }
  if (sha256Of(bytes) !== modelHash) throw wrong('its sha256 is not the model hash');
  return bytes;
}

const wrong = (why: string) => new RiosError('INTEGRITY_HASH', `the manifest is refused: ${why}`);
