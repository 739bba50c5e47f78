import type { Selectable } from 'kysely';
import type { MembersTable } from './database.ts';
import type { Store } from './store.ts';

export type MemberRow = Selectable<MembersTable>;

/** Admits a peer, or admits it again after it was expelled. The first time it joined stays. */
export async function upsertMember(
  store: Store,
  member: { peerId: string; inviteId: string; joinedAt: number },
): Promise<void> {
  await store
    .insertInto('members')
    .values({
      peer_id: member.peerId,
      invite_id: member.inviteId,
      joined_at: member.joinedAt,
      expelled_at: null,
    })
    .onConflict((conflict) =>
      conflict.column('peer_id').doUpdateSet({ invite_id: member.inviteId, expelled_at: null }),
    )
    .execute();
}

export async function getMember(store: Store, peerId: string): Promise<MemberRow | undefined> {
  return store.selectFrom('members').selectAll().where('peer_id', '=', peerId).executeTakeFirst();
}

/** Members that were not expelled. */
export async function listMembers(store: Store): Promise<MemberRow[]> {
  return store
    .selectFrom('members')
    .selectAll()
    .where('expelled_at', 'is', null)
    .orderBy('joined_at')
    .execute();
}

/** Peer ids of members that were not expelled. */
export async function listMemberIds(store: Store): Promise<string[]> {
  const rows = await store.selectFrom('members').select('peer_id').where('expelled_at', 'is', null).execute();
  return rows.map(({ peer_id }) => peer_id);
}

/** Expels a member; false when it was none. */
export async function expelMember(store: Store, peerId: string, now: number): Promise<boolean> {
  const done = await store
    .updateTable('members')
    .set({ expelled_at: now })
    .where('peer_id', '=', peerId)
    .where('expelled_at', 'is', null)
    .executeTakeFirst();
  return done.numUpdatedRows > 0n;
}
