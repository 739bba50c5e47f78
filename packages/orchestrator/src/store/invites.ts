import type { Selectable } from 'kysely';
import type { InvitesTable } from './database.ts';
import type { Store } from './store.ts';

export type InviteRow = Selectable<InvitesTable>;

export async function insertInvite(store: Store, invite: InviteRow): Promise<void> {
  await store.insertInto('invites').values(invite).execute();
}

export async function getInvite(store: Store, id: string): Promise<InviteRow | undefined> {
  return store.selectFrom('invites').selectAll().where('id', '=', id).executeTakeFirst();
}

/** Newest first. */
export async function listInvites(store: Store): Promise<InviteRow[]> {
  return store
    .selectFrom('invites')
    .selectAll()
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .execute();
}

/** Revokes an invite; the time of the first revocation stays. */
export async function revokeInvite(store: Store, id: string, now: number): Promise<void> {
  await store
    .updateTable('invites')
    .set({ revoked_at: now })
    .where('id', '=', id)
    .where('revoked_at', 'is', null)
    .execute();
}

/** Peers that used an invite, first user first. */
export async function listInviteUses(store: Store, inviteId: string): Promise<string[]> {
  const rows = await store
    .selectFrom('invite_uses')
    .select('peer_id')
    .where('invite_id', '=', inviteId)
    .orderBy('used_at')
    .orderBy('peer_id')
    .execute();
  return rows.map((row) => row.peer_id);
}

export async function insertInviteUse(
  store: Store,
  use: { inviteId: string; peerId: string; usedAt: number },
): Promise<void> {
  await store
    .insertInto('invite_uses')
    .values({ invite_id: use.inviteId, peer_id: use.peerId, used_at: use.usedAt })
    .onConflict((conflict) => conflict.columns(['invite_id', 'peer_id']).doNothing())
    .execute();
}
