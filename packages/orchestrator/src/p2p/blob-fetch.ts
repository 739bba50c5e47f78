import { createHash } from 'node:crypto';
import { mkdir, open, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { issueTicket } from '@rios/sdk/crypto/ticket';
import { hasCode, RiosError, toRiosError } from '@rios/sdk/errors/error';
import { createId } from '@rios/sdk/ids';
import { type FileSource, fetchFile, peerSources } from '@rios/sdk/p2p/fetch-file';
import { CHUNK_BYTES, chunkLength } from '@rios/sdk/schema/manifest';
import type { TicketBundle } from '@rios/sdk/schema/trust';
import type { PeerAddress } from '@rios/sdk/schema/worker';
import { Method } from '@rios/sdk/wire/methods';
import { payload } from '@rios/sdk/wire/payload';
import type { BlobPeers } from '../services/blob-peers-port.ts';
import type { BlobSize } from '../services/blobs-port.ts';
import { createChunkHashes } from './blob-chunk-hashes.ts';
import type { BlobPeersModules } from './blob-peers.ts';
import { CLOCK_SLACK_MS } from './clock-slack.ts';

/** A ticket is good for one file, however large. */
const TICKET_MS = 24 * 3_600_000;
const CHUNK_MS = 60_000;

export interface BlobFetchModules extends BlobPeersModules {
  readonly addressOf: (peerId: string) => PeerAddress;
}

/** Fetches blobs from other orchestrators, from several at once where the chunks' hashes are known. */
export function createBlobFetch(modules: BlobFetchModules): BlobPeers['fetch'] {
  const { peer, addressOf } = modules;
  const chunkHashes = createChunkHashes(modules);
  return async (blob, from, destination, signal) => {
    const sources = peerSources(peer, from.map(addressOf));
    const ticket = ownTicket(modules, blob.sha256);
    const file = await chunkHashes(blob);
    const modelHash = blob.sha256;
    try {
      if (file !== undefined)
        return await fetchFile({ file, modelHash, ticket, sources, destination, signal });
    } catch (error) {
      // a manifest may lie about the chunks of a file: the hash of the whole decides
      if (!hasCode(toRiosError(error), 'INTEGRITY_HASH') || file?.chunks.length === 1) throw error;
    }
    await fetchUnhashed({ blob, sources, ticket, destination, signal });
  };
}

/** An orchestrator vouches for itself: who serves it checks that the network key says so. */
function ownTicket(modules: BlobFetchModules, sha256: string): TicketBundle {
  const { identity, certificate, clock, networkId } = modules;
  const now = clock.now();
  const fields = {
    networkId,
    purpose: 'fetch',
    holder: identity.peerId,
    audience: null,
    requestId: createId('fetch', now),
    modelHash: sha256,
    parts: [],
    maxUnits: 0,
    expiresAt: now + TICKET_MS,
  } as const;
  return issueTicket(identity, certificate(), { ...fields, parts: [] }, now - CLOCK_SLACK_MS);
}

interface Fetching {
  readonly blob: BlobSize;
  readonly sources: readonly FileSource[];
  readonly ticket: TicketBundle;
  readonly destination: string;
  readonly signal: AbortSignal;
}

/** Source after source, each the whole, until one gave the right one. */
async function fetchUnhashed(fetching: Fetching): Promise<void> {
  let last: RiosError | undefined;
  for (const source of fetching.sources) {
    try {
      return await fetchWhole(fetching, source);
    } catch (error) {
      await rm(fetching.destination, { force: true });
      if (fetching.signal.aborted) throw new RiosError('USER_INTERRUPTED', 'the fetch was cancelled');
      last = toRiosError(error);
      if (hasCode(last, 'CAPACITY_DISK')) throw last;
    }
  }
  throw last ?? new RiosError('PEER_UNREACHABLE', 'no orchestrator has the blob');
}

/** One chunk after the other: no more than one is in memory. */
async function fetchWhole(
  { blob, ticket, destination, signal }: Fetching,
  source: FileSource,
): Promise<void> {
  const { sha256, sizeBytes } = blob;
  const link = await source.connect();
  const hash = createHash('sha256');
  await mkdir(dirname(destination), { recursive: true });
  const file = await open(destination, 'w', 0o600);
  try {
    for (let index = 0; index * CHUNK_BYTES < sizeBytes; index++) {
      const meta = payload({ modelHash: sha256, sha256, index, ticket });
      const { body } = await link.request(Method.chunk, meta, { deadlineMs: CHUNK_MS, signal });
      if (body.length !== chunkLength(blob, index)) throw lied(source, sha256);
      hash.update(body);
      await file.writeFile(body);
    }
  } finally {
    await file.close();
  }
  if (hash.digest('hex') !== sha256) throw lied(source, sha256);
}

const lied = ({ peerId }: FileSource, sha256: string) =>
  new RiosError('INTEGRITY_HASH', 'the orchestrator sent other bytes than the blob has', {
    details: { peerId, sha256 },
  });
