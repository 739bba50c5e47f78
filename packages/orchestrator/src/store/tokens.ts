import type { Selectable } from 'kysely';
import type { Store } from './store.ts';
import type { UserTokensTable } from './users-tables.ts';

export type UserTokenRow = Selectable<UserTokensTable>;

export async function insertUserToken(store: Store, token: UserTokenRow): Promise<void> {
  await store.insertInto('user_tokens').values(token).execute();
}

/** By the sha256 (hex) of its text, whatever its state. */
export async function findUserToken(store: Store, sha256: string): Promise<UserTokenRow | undefined> {
  return store.selectFrom('user_tokens').selectAll().where('sha256', '=', sha256).executeTakeFirst();
}

/** Tokens that a person made, newest first. */
export async function listUserTokens(store: Store, createdBy: string): Promise<UserTokenRow[]> {
  return store
    .selectFrom('user_tokens')
    .selectAll()
    .where('created_by', '=', createdBy)
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .execute();
}

/** Tokens that a person has that are neither revoked nor expired. */
export async function countValidTokens(store: Store, createdBy: string, now: number): Promise<number> {
  const { count } = await store
    .selectFrom('user_tokens')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('created_by', '=', createdBy)
    .where('revoked_at', 'is', null)
    .where('expires_at', '>', now)
    .executeTakeFirstOrThrow();
  return Number(count);
}

/** Revokes tokens that a person made: one, or all that act for an account. The first time stays. */
export async function revokeUserTokens(
  store: Store,
  which: { createdBy: string; id?: string; accountId?: string; now: number },
): Promise<void> {
  let query = store
    .updateTable('user_tokens')
    .set({ revoked_at: which.now })
    .where('created_by', '=', which.createdBy)
    .where('revoked_at', 'is', null);
  if (which.id !== undefined) query = query.where('id', '=', which.id);
  if (which.accountId !== undefined) query = query.where('account_id', '=', which.accountId);
  await query.execute();
}

export async function touchUserToken(store: Store, id: string, now: number): Promise<void> {
  await store.updateTable('user_tokens').set({ last_used_at: now }).where('id', '=', id).execute();
}
