import type { Selectable } from 'kysely';
import type { Store } from './store.ts';
import type { SigningKeysTable } from './users-tables.ts';

export type SigningKeyRow = Selectable<SigningKeysTable>;

export async function insertSigningKey(store: Store, key: SigningKeyRow): Promise<void> {
  await store.insertInto('signing_keys').values(key).execute();
}

/** Newest first. */
export async function listSigningKeys(store: Store): Promise<SigningKeyRow[]> {
  return store
    .selectFrom('signing_keys')
    .selectAll()
    .orderBy('created_at', 'desc')
    .orderBy('kid', 'desc')
    .execute();
}

export async function deleteSigningKeys(store: Store, kids: readonly string[]): Promise<void> {
  if (kids.length === 0) return;
  await store.deleteFrom('signing_keys').where('kid', 'in', kids).execute();
}
