import { type Selectable, sql } from 'kysely';
import type { BlobsTable } from './database.ts';
import type { Store } from './store.ts';

export type BlobRow = Selectable<BlobsTable>;

export async function getBlob(store: Store, sha256: string): Promise<BlobRow | undefined> {
  return store.selectFrom('blobs').selectAll().where('sha256', '=', sha256).executeTakeFirst();
}

/** Every blob, stored or uploading. */
export async function listBlobs(store: Store): Promise<BlobRow[]> {
  return store.selectFrom('blobs').selectAll().execute();
}

/** Notes that an upload began; an existing row stays as it is. */
export async function insertUploadingBlob(
  store: Store,
  blob: { sha256: string; sizeBytes: number; now: number },
): Promise<void> {
  await store
    .insertInto('blobs')
    .values({ sha256: blob.sha256, size_bytes: blob.sizeBytes, state: 'uploading', touched_at: blob.now })
    .onConflict((conflict) => conflict.column('sha256').doNothing())
    .execute();
}

/** The whole blob was checked and is in its place at some orchestrator. False when the blob is not known. */
export async function setBlobStored(store: Store, sha256: string, now: number): Promise<boolean> {
  const done = await store
    .updateTable('blobs')
    .set({ state: 'stored', touched_at: now })
    .where('sha256', '=', sha256)
    .executeTakeFirst();
  return done.numUpdatedRows > 0n;
}

/** Keeps a blob from being collected for a while longer. */
export async function touchBlob(store: Store, sha256: string, now: number): Promise<void> {
  await store.updateTable('blobs').set({ touched_at: now }).where('sha256', '=', sha256).execute();
}

/** In a transaction that makes something refer to it: nobody forgets the blob meanwhile. False when it is not known. */
export async function holdBlob(tx: Store, sha256: string): Promise<boolean> {
  const done = await tx
    .updateTable('blobs')
    .set(({ ref }) => ({ touched_at: ref('touched_at') }))
    .where('sha256', '=', sha256)
    .executeTakeFirst();
  return done.numUpdatedRows > 0n;
}

/** Forgets a blob and its owners, unless a model or a release refers to it; true when it was forgotten. */
export async function deleteUnreferencedBlob(store: Store, sha256: string): Promise<boolean> {
  const done = await store
    .deleteFrom('blobs')
    .where('sha256', '=', sha256)
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('model_files').select('model_files.sha256').where('model_files.sha256', '=', sha256),
        ),
      ),
    )
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(selectFrom('releases').select('releases.number').where('releases.file_sha256', '=', sha256)),
      ),
    )
    .executeTakeFirst();
  return done.numDeletedRows > 0n;
}

/** Blobs that no model and no release refers to and nobody touched since `before`. */
export async function listUnreferencedBlobs(store: Store, before: number): Promise<BlobRow[]> {
  return store
    .selectFrom('blobs')
    .leftJoin('model_files', 'model_files.sha256', 'blobs.sha256')
    .selectAll('blobs')
    .where('model_files.sha256', 'is', null)
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('releases')
            .select('releases.number')
            .whereRef('releases.file_sha256', '=', 'blobs.sha256'),
        ),
      ),
    )
    .where('blobs.touched_at', '<=', before)
    .execute();
}

/** Charges a blob to an account. */
export async function insertBlobOwner(store: Store, sha256: string, accountId: string): Promise<void> {
  await store
    .insertInto('blob_owners')
    .values({ sha256, account_id: accountId })
    .onConflict((conflict) => conflict.columns(['sha256', 'account_id']).doNothing())
    .execute();
}

/** Whether the blob is charged to the account. */
export async function ownsBlob(store: Store, sha256: string, accountId: string): Promise<boolean> {
  const row = await store
    .selectFrom('blob_owners')
    .select('sha256')
    .where('sha256', '=', sha256)
    .where('account_id', '=', accountId)
    .executeTakeFirst();
  return row !== undefined;
}

/** Bytes charged to an account. */
export async function sumOwnedBytes(store: Store, accountId: string): Promise<number> {
  const row = await store
    .selectFrom('blob_owners')
    .innerJoin('blobs', 'blobs.sha256', 'blob_owners.sha256')
    .select(sql<number>`cast(coalesce(sum(blobs.size_bytes), 0) as bigint)`.as('total'))
    .where('blob_owners.account_id', '=', accountId)
    .executeTakeFirstOrThrow();
  return row.total;
}
