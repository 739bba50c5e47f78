import { sha256Of } from '@rios/sdk/crypto/hash';
import { RiosError } from '@rios/sdk/errors/error';
import { CHUNK_BYTES } from '@rios/sdk/schema/manifest';
import { ownsBlob } from '../store/blobs.ts';
import { type BlobContext, chunkCount } from './blob-context.ts';
import { createBlobCopies } from './blob-copies.ts';
import { hereOrElsewhere } from './blob-forwarding.ts';
import type { BlobPeers } from './blob-peers-port.ts';
import { forgetBlob, settleFiles, sweepBlobs } from './blob-sweep.ts';
import { checkChunk, checkSize, missingChunksHere, putChunkHere } from './blob-uploads.ts';
import type { BlobModules, BlobOwner, Blobs, ChunkUpload } from './blobs-port.ts';
import { createKeyLock } from './key-lock.ts';

export { UNREFERENCED_TTL_MS, UPLOAD_TTL_MS } from './blob-sweep.ts';
export type { BlobModules, BlobOwner, Blobs, ChunkUpload } from './blobs-port.ts';

/** So long a download waits for a blob that is being brought here. */
const DOWNLOAD_WAIT_MS = 50_000;

/** Blobs on this orchestrator's disk and in the store that it may share with others. */
export function createBlobs(modules: BlobModules): Blobs {
  let peers: BlobPeers | undefined;
  const context: BlobContext = {
    ...modules,
    lock: createKeyLock(),
    now: modules.now ?? (async () => modules.clock.now()),
    peers: () => peers,
    others: () => peers?.others() ?? [],
  };
  const copies = createBlobCopies(context);
  const uploads = createUploads(context);
  return {
    ...copies,
    ...uploads,
    put: (bytes, owner) => putWhole(uploads.putChunk, bytes, owner),
    open: async (sha256, accountId) => {
      const owned = await ownsBlob(context.store, sha256, accountId);
      const found = owned ? await copies.find(sha256, DOWNLOAD_WAIT_MS) : undefined;
      if (found === undefined) throw new RiosError('NOT_FOUND_BLOB', `there is no blob ${sha256}`);
      const { sizeBytes } = found;
      return { sizeBytes, read: (from, to) => context.files.read(sha256, from, to) };
    },
    holders: () => [context.self, ...context.others()],
    collect: async (sha256s) => {
      for (const sha256 of sha256s) await context.lock(sha256, () => forgetBlob(context, sha256));
    },
    sweep: async () => {
      await sweepBlobs(context);
      await settleFiles(context);
    },
    recover: async () => {
      await settleFiles(context);
      await sweepBlobs(context);
    },
    share: (others) => {
      peers = others;
    },
  };
}

type Uploads = Pick<Blobs, 'putChunk' | 'putHere' | 'missingChunks' | 'missingHere'>;

function createUploads(context: BlobContext): Uploads {
  const { lock, clock } = context;
  const putHere: Uploads['putHere'] = async (upload, owner) => {
    checkChunk(upload);
    return lock(upload.sha256, () => putChunkHere(context, upload, owner));
  };
  const missingHere: Uploads['missingHere'] = async (blob, owner) => {
    checkSize(blob);
    return lock(blob.sha256, () => missingChunksHere(context, blob, owner));
  };
  return {
    putHere,
    missingHere,
    putChunk: (upload, owner) =>
      hereOrElsewhere(
        clock,
        () => putHere(upload, owner),
        (peerId) => known(context).putChunk(peerId, upload, owner.accountId),
      ),
    missingChunks: (sha256, sizeBytes, owner) =>
      hereOrElsewhere(
        clock,
        () => missingHere({ sha256, sizeBytes }, owner),
        (peerId) => known(context).missingChunks(peerId, { sha256, sizeBytes }, owner.accountId),
      ),
  };
}

/** Nothing is elsewhere while there are no others. */
function known({ peers }: BlobContext): BlobPeers {
  const others = peers();
  if (others === undefined) throw new RiosError('SERVICE_UNAVAILABLE', 'the orchestrator is starting');
  return others;
}

async function putWhole(
  putChunk: (upload: ChunkUpload, owner: BlobOwner) => Promise<boolean>,
  bytes: Uint8Array,
  owner: BlobOwner,
): Promise<string> {
  const sha256 = sha256Of(bytes);
  const sizeBytes = bytes.byteLength;
  for (let index = 0; index < chunkCount(sizeBytes); index++) {
    const chunk = bytes.subarray(index * CHUNK_BYTES, (index + 1) * CHUNK_BYTES);
    if (await putChunk({ sha256, sizeBytes, index, bytes: chunk }, owner)) break;
  }
  return sha256;
}
