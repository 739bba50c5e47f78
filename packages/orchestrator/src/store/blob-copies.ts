import { type Selectable, sql } from 'kysely';
import type { BlobCopiesTable } from './database.ts';
import type { Store } from './store.ts';

export type BlobCopyRow = Selectable<BlobCopiesTable>;

/** Who has the blob, or takes its upload. */
export async function listCopies(store: Store, sha256: string): Promise<BlobCopyRow[]> {
  return store
    .selectFrom('blob_copies')
    .selectAll()
    .where('sha256', '=', sha256)
    .orderBy('orchestrator')
    .execute();
}

/** Everything that one orchestrator has or takes. */
export async function listCopiesOf(store: Store, orchestrator: string): Promise<BlobCopyRow[]> {
  return store.selectFrom('blob_copies').selectAll().where('orchestrator', '=', orchestrator).execute();
}

/** Makes an orchestrator the home of an upload, unless there is one already. */
export async function insertUploadHome(store: Store, sha256: string, orchestrator: string): Promise<void> {
  await store
    .insertInto('blob_copies')
    .values({ sha256, orchestrator, state: 'uploading' })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/** Takes an upload away from its home. */
export async function deleteUploadHome(store: Store, sha256: string): Promise<void> {
  await store
    .deleteFrom('blob_copies')
    .where('sha256', '=', sha256)
    .where('state', '=', 'uploading')
    .execute();
}

/** Notes that an orchestrator has the whole blob, which ends its upload. The blob's row must be there. */
export async function putStoredCopy(store: Store, sha256: string, orchestrator: string): Promise<void> {
  await deleteUploadHome(store, sha256);
  await store
    .insertInto('blob_copies')
    .values({ sha256, orchestrator, state: 'stored' })
    .onConflict((conflict) => conflict.columns(['sha256', 'orchestrator']).doUpdateSet({ state: 'stored' }))
    .execute();
}

/** Notes that an orchestrator has the blob no longer; a blob that nobody has is to be uploaded again. */
export async function deleteCopy(store: Store, sha256: string, orchestrator: string): Promise<void> {
  await store
    .deleteFrom('blob_copies')
    .where('sha256', '=', sha256)
    .where('orchestrator', '=', orchestrator)
    .execute();
  await store
    .updateTable('blobs')
    .set({ state: 'uploading' })
    .where('sha256', '=', sha256)
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('blob_copies')
            .select('blob_copies.sha256')
            .where('blob_copies.sha256', '=', sha256)
            .where('blob_copies.state', '=', 'stored'),
        ),
      ),
    )
    .execute();
}

/** A blob of a model that one orchestrator lacks and one of `others` has. */
export interface WantedCopy {
  readonly sha256: string;
  readonly sizeBytes: number;
}

/** Blobs that models or releases refer to, that `self` lacks and one of `others` has: the smallest first, at most `limit`. */
export async function listWantedCopies(
  store: Store,
  self: string,
  others: readonly string[],
  limit: number,
): Promise<WantedCopy[]> {
  if (others.length === 0) return [];
  return store
    .selectFrom('blobs')
    .select(['blobs.sha256', sql<number>`blobs.size_bytes`.as('sizeBytes')])
    .where(({ exists, not, selectFrom, and, or }) => {
      const copies = selectFrom('blob_copies')
        .select('blob_copies.sha256')
        .whereRef('blob_copies.sha256', '=', 'blobs.sha256')
        .where('blob_copies.state', '=', 'stored');
      const files = selectFrom('model_files').select('model_files.sha256');
      const releases = selectFrom('releases').select('releases.number');
      return and([
        or([
          exists(files.whereRef('model_files.sha256', '=', 'blobs.sha256')),
          exists(releases.whereRef('releases.file_sha256', '=', 'blobs.sha256')),
        ]),
        not(exists(copies.where('blob_copies.orchestrator', '=', self))),
        exists(copies.where('blob_copies.orchestrator', 'in', others)),
      ]);
    })
    .orderBy('blobs.size_bytes')
    .orderBy('blobs.sha256')
    .limit(limit)
    .execute();
}

/** Whether one of these orchestrators has the whole blob. */
export async function isHeldBy(
  store: Store,
  sha256: string,
  orchestrators: readonly string[],
): Promise<boolean> {
  const row = await store
    .selectFrom('blob_copies')
    .select('sha256')
    .where('sha256', '=', sha256)
    .where('state', '=', 'stored')
    .where('orchestrator', 'in', orchestrators)
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}
