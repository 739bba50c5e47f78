import type { Selectable } from 'kysely';
import type { Store } from './store.ts';
import type { UsersTable } from './users-tables.ts';

export type UserRow = Selectable<UsersTable>;

export async function insertUser(store: Store, user: UserRow): Promise<void> {
  await store.insertInto('users').values(user).execute();
}

/** @param email normalised */
export async function findUserByEmail(store: Store, email: string): Promise<UserRow | undefined> {
  return store.selectFrom('users').selectAll().where('email', '=', email).executeTakeFirst();
}

export async function getUser(store: Store, accountId: string): Promise<UserRow | undefined> {
  return store.selectFrom('users').selectAll().where('account_id', '=', accountId).executeTakeFirst();
}

/** Changes columns of one user; nothing when there is none. */
export async function updateUser(
  store: Store,
  accountId: string,
  change: Partial<Omit<UserRow, 'account_id' | 'email' | 'created_at'>>,
): Promise<void> {
  await store.updateTable('users').set(change).where('account_id', '=', accountId).execute();
}

/** Takes a time step of the second factor, once: false when it or a later one was taken before. */
export async function takeTotpStep(store: Store, accountId: string, step: number): Promise<boolean> {
  const { numUpdatedRows } = await store
    .updateTable('users')
    .set({ totp_last_step: step })
    .where('account_id', '=', accountId)
    .where('totp_last_step', '<', step)
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

/** Replaces the recovery codes of a user by these hashes. */
export async function replaceRecoveryCodes(
  store: Store,
  accountId: string,
  hashes: readonly string[],
): Promise<void> {
  await store.deleteFrom('recovery_codes').where('account_id', '=', accountId).execute();
  if (hashes.length === 0) return;
  await store
    .insertInto('recovery_codes')
    .values(hashes.map((sha256) => ({ account_id: accountId, sha256, used_at: null })))
    .execute();
}

/** Uses a recovery code, once: false when it is unknown or used. */
export async function takeRecoveryCode(
  store: Store,
  accountId: string,
  sha256: string,
  now: number,
): Promise<boolean> {
  const { numUpdatedRows } = await store
    .updateTable('recovery_codes')
    .set({ used_at: now })
    .where('account_id', '=', accountId)
    .where('sha256', '=', sha256)
    .where('used_at', 'is', null)
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}
