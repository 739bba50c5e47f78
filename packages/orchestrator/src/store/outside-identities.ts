import type { Selectable } from 'kysely';
import type { OutsideIdentitiesTable } from './outside-tables.ts';
import type { Store } from './store.ts';

export type OutsideIdentityRow = Selectable<OutsideIdentitiesTable>;

export async function insertOutsideIdentity(store: Store, identity: OutsideIdentityRow): Promise<void> {
  await store.insertInto('outside_identities').values(identity).execute();
}

/** The account that an identity opens, if any. */
export async function findOutsideIdentity(
  store: Store,
  by: { issuer: string; subject: string },
): Promise<OutsideIdentityRow | undefined> {
  return store
    .selectFrom('outside_identities')
    .selectAll()
    .where('issuer', '=', by.issuer)
    .where('subject', '=', by.subject)
    .executeTakeFirst();
}

export async function touchOutsideIdentity(store: Store, id: string, now: number): Promise<void> {
  await store.updateTable('outside_identities').set({ last_used_at: now }).where('id', '=', id).execute();
}

/** Identities that open an account, oldest first. */
export async function listOutsideIdentitiesOf(
  store: Store,
  accountId: string,
): Promise<OutsideIdentityRow[]> {
  return store
    .selectFrom('outside_identities')
    .selectAll()
    .where('account_id', '=', accountId)
    .orderBy('created_at')
    .orderBy('id')
    .execute();
}

/** False when the account has no such identity. */
export async function deleteOutsideIdentity(store: Store, accountId: string, id: string): Promise<boolean> {
  const { numDeletedRows } = await store
    .deleteFrom('outside_identities')
    .where('account_id', '=', accountId)
    .where('id', '=', id)
    .executeTakeFirst();
  return numDeletedRows === 1n;
}
