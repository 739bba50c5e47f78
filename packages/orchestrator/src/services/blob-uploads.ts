import { RiosError } from '@rios/sdk/errors/error';
import { CHUNK_BYTES, chunkLength } from '@rios/sdk/schema/manifest';
import { deleteUploadHome, insertUploadHome, listCopies, putStoredCopy } from '../store/blob-copies.ts';
import type { BlobRow } from '../store/blobs.ts';
import * as rows from '../store/blobs.ts';
import { listLiveOrchestrators } from '../store/orchestrators.ts';
import type { Store } from '../store/store.ts';
import { type BlobContext, checkDisk, chunkCount } from './blob-context.ts';
import { type BlobPlace, type LocatedBlob, locate, placeOf } from './blob-places.ts';
import type { BlobOwner, BlobSize, ChunkUpload, Here } from './blobs-port.ts';

/** Times of use are kept no finer than this: each costs a commit. */
const TOUCH_INTERVAL_MS = 600_000;
/** As many as a manifest may name: 4 TB. */
const MAX_CHUNKS = 1_000_000;

const done = <T>(value: T): Here<T> => ({ kind: 'done', value });
const elsewhere = (at: readonly string[]): Here<never> => ({ kind: 'elsewhere', at });

/** Throws USER_INVALID_REQUEST when a blob of this size cannot be stored. */
export function checkSize({ sizeBytes }: Pick<BlobSize, 'sizeBytes'>): void {
  if (chunkCount(sizeBytes) <= MAX_CHUNKS) return;
  throw new RiosError('USER_INVALID_REQUEST', `a blob of ${sizeBytes} bytes is too large`, {
    details: { sizeBytes, maxBytes: MAX_CHUNKS * CHUNK_BYTES },
  });
}

/** Throws USER_INVALID_REQUEST when the chunk has not the length that its place asks for. */
export function checkChunk({ index, sizeBytes, bytes }: ChunkUpload): void {
  checkSize({ sizeBytes });
  const count = chunkCount(sizeBytes);
  const expected = chunkLength({ sizeBytes }, index);
  if (index < count && bytes.byteLength === expected) return;
  throw new RiosError('USER_INVALID_REQUEST', `chunk ${index} has ${bytes.byteLength} bytes`, {
    hint: 'Send the whole chunk: all are 4 MiB, save the last one.',
    details: { index, chunks: count, expectedBytes: index < count ? expected : 0 },
  });
}

/** Takes a chunk of an upload whose home is here or nowhere, or of a blob that is stored here. Under the lock. */
export async function putChunkHere(
  context: BlobContext,
  upload: ChunkUpload,
  owner: BlobOwner,
): Promise<Here<boolean>> {
  const { files } = context;
  const { sha256, sizeBytes, index, bytes } = upload;
  const located = await locate(context, sha256);
  const { row, place } = located;
  if (row !== undefined && (place.kind === 'stored-here' || place.kind === 'stored-at')) {
    return adopt(context, row, place, upload, owner);
  }
  if (place.kind === 'home-at') return elsewhere(place.at);
  const home = await joinUpload(context, located, upload, owner);
  if (home.kind !== 'home-here')
    return 'at' in home ? elsewhere(home.at) : putChunkHere(context, upload, owner);
  await files.writeChunk(sha256, index, bytes);
  await touch(context, row);
  const here = await files.readChunks(sha256, chunkCount(sizeBytes));
  if (here.includes(0)) return done(false);
  await finish(context, sha256);
  return done(true);
}

/** The indices that this owner still has to send, if its upload's home is here or nowhere. Under the lock. */
export async function missingChunksHere(
  context: BlobContext,
  { sha256, sizeBytes }: BlobSize,
  owner: BlobOwner,
): Promise<Here<number[]>> {
  const { store, files } = context;
  const { row, place } = await locate(context, sha256);
  const all = Array.from({ length: chunkCount(sizeBytes) }, (_, index) => index);
  if (place.kind === 'home-at') return elsewhere(place.at);
  if (row === undefined || row.size_bytes !== sizeBytes || place.kind === 'nowhere') return done(all);
  await touch(context, row);
  if (place.kind !== 'home-here') {
    return done((await rows.ownsBlob(store, sha256, owner.accountId)) ? [] : [0]);
  }
  const here = await files.readChunks(sha256, all.length);
  const missing = all.filter((index) => here[index] === 0);
  // All are here, but a kill came before the check of the whole: the last one, sent again, brings it about.
  return done(missing.length === 0 ? all.slice(-1) : missing);
}

/** The whole blob is in its place: says so, unless the store has forgotten it meanwhile. */
export async function noteStored(context: BlobContext, sha256: string): Promise<boolean> {
  const now = await context.now();
  const kept = await context.store.transaction().execute(async (tx) => {
    if (!(await rows.setBlobStored(tx, sha256, now))) return false;
    await putStoredCopy(tx, sha256, context.self);
    return true;
  });
  if (!kept) await context.files.remove(sha256);
  return kept;
}

/**
 * Before a chunk is written: the quota, the disk, the row, and that the home is here, all at once, so that of two
 * orchestrators that begin the same upload one wins. A wrong size given earlier starts the upload anew.
 */
async function joinUpload(
  context: BlobContext,
  { row, place }: LocatedBlob,
  { sha256, sizeBytes }: ChunkUpload,
  owner: BlobOwner,
): Promise<BlobPlace> {
  const { store, files, self, others } = context;
  const goesOn = place.kind === 'home-here' && row?.size_bytes === sizeBytes;
  if (goesOn && (await rows.ownsBlob(store, sha256, owner.accountId))) return place;
  if (!goesOn) await checkDisk(context, sizeBytes);
  const now = await context.now();
  const joined = await store.transaction().execute(async (tx) => {
    const copies = await listCopies(tx, sha256);
    // a home that has just started is not known here yet, but lives: its chunks must not be begun anew
    const live = copies.length === 0 ? [] : (await listLiveOrchestrators(tx)).map(({ peerId }) => peerId);
    const found = placeOf(copies, self, [...others(), ...live]);
    if (found.kind !== 'nowhere' && found.kind !== 'home-here') return { place: found, anew: false };
    const dropped = await dropOtherSize(tx, { sha256, sizeBytes });
    await charge(tx, { sha256, sizeBytes }, owner, now);
    const anew = dropped || found.kind === 'nowhere';
    if (anew) await deleteUploadHome(tx, sha256);
    if (anew) await insertUploadHome(tx, sha256, self);
    return { place: { kind: 'home-here' } as const, anew };
  });
  if (joined.anew) await files.discardUpload(sha256);
  return joined.place;
}

/** Forgets an upload of another size; true when there was one. Throws INTEGRITY_HASH when that size is the right one. */
async function dropOtherSize(tx: Store, { sha256, sizeBytes }: BlobSize): Promise<boolean> {
  const known = await rows.getBlob(tx, sha256);
  if (known === undefined || known.size_bytes === sizeBytes) return false;
  const stored = known.state === 'stored' || !(await rows.deleteUnreferencedBlob(tx, sha256));
  if (stored) throw otherSize(known, sizeBytes);
  return true;
}

const otherSize = (row: BlobRow, sizeBytes: number) =>
  new RiosError('INTEGRITY_HASH', `blob ${row.sha256} has ${row.size_bytes} bytes, not ${sizeBytes}`);

/** Charges a blob to an account, once. Throws QUOTA_BLOBS. */
async function charge(
  tx: Store,
  { sha256, sizeBytes }: BlobSize,
  owner: BlobOwner,
  now: number,
): Promise<void> {
  await rows.insertUploadingBlob(tx, { sha256, sizeBytes, now });
  if (await rows.ownsBlob(tx, sha256, owner.accountId)) return;
  const usedBytes = await rows.sumOwnedBytes(tx, owner.accountId);
  if (usedBytes + sizeBytes > owner.blobQuotaBytes) {
    throw new RiosError('QUOTA_BLOBS', `this blob of ${sizeBytes} bytes would exceed the quota`, {
      details: { usedBytes, sizeBytes, quotaBytes: owner.blobQuotaBytes },
    });
  }
  await rows.insertBlobOwner(tx, sha256, owner.accountId);
}

/** All chunks are here: checks the whole, and makes it visible. */
async function finish(context: BlobContext, sha256: string): Promise<void> {
  const { files } = context;
  const actual = await files.hashUpload(sha256);
  if (actual !== sha256) {
    await files.discardUpload(sha256);
    throw new RiosError('INTEGRITY_HASH', `the upload of blob ${sha256} has another hash`, {
      hint: 'Send all of its chunks again.',
      details: { expected: sha256, actual },
    });
  }
  await files.publish(sha256);
  if (await noteStored(context, sha256)) return;
  throw new RiosError('NOT_FOUND_BLOB', `blob ${sha256} was removed while it was uploaded`);
}

/** One who sends a chunk of a blob that is stored already shares it, when the chunk is the right one. */
async function adopt(
  context: BlobContext,
  row: BlobRow,
  place: BlobPlace,
  { sha256, sizeBytes, index, bytes }: ChunkUpload,
  owner: BlobOwner,
): Promise<Here<boolean>> {
  const { store, files } = context;
  if (row.size_bytes !== sizeBytes) throw otherSize(row, sizeBytes);
  if (await rows.ownsBlob(store, sha256, owner.accountId)) return done(true);
  if ('at' in place) return elsewhere(place.at);
  const from = index * CHUNK_BYTES;
  const known = Buffer.concat(await files.read(sha256, from, from + bytes.byteLength).toArray());
  if (!known.equals(bytes)) throw new RiosError('INTEGRITY_HASH', `chunk ${index} is not of blob ${sha256}`);
  const now = await context.now();
  await store.transaction().execute((tx) => charge(tx, { sha256, sizeBytes }, owner, now));
  return done(true);
}

/** Keeps what is used from being swept. */
async function touch(context: BlobContext, row: BlobRow | undefined): Promise<void> {
  if (row === undefined) return;
  const now = await context.now();
  if (now - row.touched_at >= TOUCH_INTERVAL_MS) await rows.touchBlob(context.store, row.sha256, now);
}
