import type { BlobCopyRow } from '../store/blob-copies.ts';
import { deleteCopy, listCopies } from '../store/blob-copies.ts';
import { type BlobRow, getBlob } from '../store/blobs.ts';
import type { BlobContext } from './blob-context.ts';

/** Where a blob is, as far as live orchestrators have it; `at` = their peer ids. */
export type BlobPlace =
  | { readonly kind: 'stored-here' }
  | { readonly kind: 'stored-at'; readonly at: readonly string[] }
  /** Its upload has its home here. */
  | { readonly kind: 'home-here' }
  | { readonly kind: 'home-at'; readonly at: readonly string[] }
  | { readonly kind: 'nowhere' };

/** A whole copy counts more than an upload, one's own more than others'; those of dead orchestrators don't count. */
export function placeOf(copies: readonly BlobCopyRow[], self: string, others: readonly string[]): BlobPlace {
  const live = copies.filter(({ orchestrator }) => orchestrator === self || others.includes(orchestrator));
  const idsOf = (state: BlobCopyRow['state']) =>
    live.filter((copy) => copy.state === state).map(({ orchestrator }) => orchestrator);
  const stored = idsOf('stored');
  if (stored.includes(self)) return { kind: 'stored-here' };
  if (stored.length > 0) return { kind: 'stored-at', at: stored };
  const homes = idsOf('uploading');
  if (homes.includes(self)) return { kind: 'home-here' };
  return homes.length > 0 ? { kind: 'home-at', at: homes } : { kind: 'nowhere' };
}

/** A blob's row, and where it is. */
export interface LocatedBlob {
  readonly row: BlobRow | undefined;
  readonly place: BlobPlace;
}

/** Looks a blob up. A copy of this orchestrator whose file was taken away from under it counts no longer. */
export async function locate(context: BlobContext, sha256: string): Promise<LocatedBlob> {
  const { store, files, log, self, others } = context;
  const row = await getBlob(store, sha256);
  if (row === undefined) return { row, place: { kind: 'nowhere' } };
  const copies = await listCopies(store, sha256);
  const place = placeOf(copies, self, others());
  if (place.kind !== 'stored-here') return { row, place };
  if ((await files.sizeOf(sha256)) === row.size_bytes) return { row, place };
  log.error('the file of a stored blob is gone', { sha256 });
  await store.transaction().execute((tx) => deleteCopy(tx, sha256, self));
  const left = copies.filter(({ orchestrator }) => orchestrator !== self);
  return { row: await getBlob(store, sha256), place: placeOf(left, self, others()) };
}
