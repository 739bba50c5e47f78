import type { Selectable } from 'kysely';
import type { Store } from './store.ts';
import type { RefreshTokensTable, SessionsTable } from './users-tables.ts';

export type SessionRow = Selectable<SessionsTable>;

export async function insertSession(store: Store, session: SessionRow): Promise<void> {
  await store.insertInto('sessions').values(session).execute();
}

export async function getSession(store: Store, id: string): Promise<SessionRow | undefined> {
  return store.selectFrom('sessions').selectAll().where('id', '=', id).executeTakeFirst();
}

/** Sessions of an account that are neither revoked nor expired, newest first. */
export async function listSessions(store: Store, accountId: string, now: number): Promise<SessionRow[]> {
  return store
    .selectFrom('sessions')
    .selectAll()
    .where('account_id', '=', accountId)
    .where('revoked_at', 'is', null)
    .where('expires_at', '>', now)
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .execute();
}

export async function touchSession(store: Store, id: string, now: number): Promise<void> {
  await store.updateTable('sessions').set({ last_used_at: now }).where('id', '=', id).execute();
}

/** Revokes sessions of an account: one, or all but `except`. Gives how many were still open. */
export async function revokeSessions(
  store: Store,
  which: { accountId: string; id?: string; except?: string; now: number; reason: string },
): Promise<number> {
  let query = store
    .updateTable('sessions')
    .set({ revoked_at: which.now, revoked_reason: which.reason })
    .where('account_id', '=', which.accountId)
    .where('revoked_at', 'is', null);
  if (which.id !== undefined) query = query.where('id', '=', which.id);
  if (which.except !== undefined) query = query.where('id', '!=', which.except);
  return Number((await query.executeTakeFirst()).numUpdatedRows);
}

export async function insertRefreshToken(
  store: Store,
  token: Omit<Selectable<RefreshTokensTable>, 'used_at'>,
): Promise<void> {
  await store
    .insertInto('refresh_tokens')
    .values({ ...token, used_at: null })
    .execute();
}

/** Uses a refresh token, once. `reused` when it was used before; undefined when it is unknown. */
export async function takeRefreshToken(
  tx: Store,
  sha256: string,
  now: number,
): Promise<{ sessionId: string; reused: boolean } | undefined> {
  const taken = await tx
    .updateTable('refresh_tokens')
    .set({ used_at: now })
    .where('sha256', '=', sha256)
    .where('used_at', 'is', null)
    .returning('session_id')
    .executeTakeFirst();
  if (taken !== undefined) return { sessionId: taken.session_id, reused: false };
  const known = await tx
    .selectFrom('refresh_tokens')
    .select('session_id')
    .where('sha256', '=', sha256)
    .executeTakeFirst();
  return known && { sessionId: known.session_id, reused: true };
}

/** Drops sessions that ended before `before`, with their refresh tokens. */
export async function sweepSessions(tx: Store, before: number): Promise<void> {
  const ended = tx.selectFrom('sessions').select('id').where('expires_at', '<', before);
  await tx.deleteFrom('refresh_tokens').where('session_id', 'in', ended).execute();
  await tx.deleteFrom('sessions').where('expires_at', '<', before).execute();
}
