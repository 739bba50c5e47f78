import { deleteCopy, insertUploadHome, listCopies, listCopiesOf } from '../store/blob-copies.ts';
import type { BlobRow } from '../store/blobs.ts';
import * as rows from '../store/blobs.ts';
import type { BlobContext } from './blob-context.ts';
import { noteStored } from './blob-uploads.ts';

/** A stored blob that no model refers to is kept so long: the time between a push's upload and its registration. */
export const UNREFERENCED_TTL_MS = 3_600_000;
/** An upload that nobody went on with is kept so long, to be resumed. */
export const UPLOAD_TTL_MS = 24 * 3_600_000;

/** Forgets what nobody refers to for long; the other orchestrators' files go with their next sweep. */
export async function sweepBlobs(context: BlobContext): Promise<void> {
  for (const { sha256 } of await listStale(context)) {
    await context.lock(sha256, () => forgetBlob(context, sha256));
  }
}

async function listStale(context: BlobContext): Promise<BlobRow[]> {
  const now = await context.now();
  const unreferenced = await rows.listUnreferencedBlobs(context.store, now - UNREFERENCED_TTL_MS);
  return unreferenced.filter((row) => row.state === 'stored' || row.touched_at <= now - UPLOAD_TTL_MS);
}

/** The row goes first: a kill in between leaves a file that the next sweep takes. Under the lock. */
export async function forgetBlob({ store, files }: BlobContext, sha256: string): Promise<void> {
  if (await rows.deleteUnreferencedBlob(store, sha256)) await files.remove(sha256);
}

/** Makes this orchestrator's files and its rows agree. */
export async function settleFiles(context: BlobContext): Promise<void> {
  const { store, files, lock, self } = context;
  const present = await files.list();
  const known = new Set((await rows.listBlobs(store)).map(({ sha256 }) => sha256));
  const mine = new Map((await listCopiesOf(store, self)).map(({ sha256, state }) => [sha256, state]));
  for (const sha256 of present) {
    if (known.has(sha256) && mine.has(sha256) && mine.get(sha256) !== 'uploading') continue;
    await lock(sha256, () => settleFile(context, sha256));
  }
  for (const [sha256, state] of mine) {
    if (state === 'stored' && !present.has(sha256)) await lock(sha256, () => settleCopy(context, sha256));
  }
}

/** A file whose row is not here as it should be: it counts, or it goes. */
async function settleFile(context: BlobContext, sha256: string): Promise<void> {
  const { store, files, log, self } = context;
  const row = await rows.getBlob(store, sha256);
  if (row === undefined) {
    log.info('removed a file that the store does not know', { sha256 });
    return files.remove(sha256);
  }
  const copies = await listCopies(store, sha256);
  const mine = copies.find(({ orchestrator }) => orchestrator === self);
  const home = copies.find(({ state }) => state === 'uploading')?.orchestrator;
  const whole = (await files.sizeOf(sha256)) === row.size_bytes;
  if (whole && mine?.state !== 'stored') {
    // published before its row could say so, or a copy from before copies were counted
    const counts = row.state === 'stored' || home === undefined || home === self;
    if (counts) await noteStored(context, sha256);
    else await files.remove(sha256);
  } else if (!whole && mine === undefined) {
    if (home === undefined && row.state === 'uploading') await insertUploadHome(store, sha256, self);
    else await files.discardUpload(sha256);
  }
}

/** A copy without a file. */
async function settleCopy({ store, files, log, self }: BlobContext, sha256: string): Promise<void> {
  if ((await files.sizeOf(sha256)) !== undefined) return;
  log.error('the file of a stored blob is gone', { sha256 });
  await store.transaction().execute((tx) => deleteCopy(tx, sha256, self));
}
