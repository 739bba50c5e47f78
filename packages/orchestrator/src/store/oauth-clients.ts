import type { Selectable } from 'kysely';
import type { OauthClientsTable } from './oauth-tables.ts';
import type { Store } from './store.ts';

export type OauthClientRow = Selectable<OauthClientsTable>;

export async function insertOauthClient(store: Store, client: OauthClientRow): Promise<void> {
  await store.insertInto('oauth_clients').values(client).execute();
}

/** By its id, whatever its state. */
export async function getOauthClient(store: Store, id: string): Promise<OauthClientRow | undefined> {
  return store.selectFrom('oauth_clients').selectAll().where('id', '=', id).executeTakeFirst();
}

/** Programs that a person registered, newest first. */
export async function listOauthClients(store: Store, createdBy: string): Promise<OauthClientRow[]> {
  return store
    .selectFrom('oauth_clients')
    .selectAll()
    .where('created_by', '=', createdBy)
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .execute();
}

/** Programs of a person that are neither revoked nor expired. */
export async function countValidOauthClients(store: Store, createdBy: string, now: number): Promise<number> {
  const { count } = await store
    .selectFrom('oauth_clients')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('created_by', '=', createdBy)
    .where('revoked_at', 'is', null)
    .where('expires_at', '>', now)
    .executeTakeFirstOrThrow();
  return Number(count);
}

/** Revokes a program that a person registered. The first time stays. */
export async function revokeOauthClient(
  store: Store,
  { createdBy, id, now }: { createdBy: string; id: string; now: number },
): Promise<void> {
  await store
    .updateTable('oauth_clients')
    .set({ revoked_at: now })
    .where('created_by', '=', createdBy)
    .where('id', '=', id)
    .where('revoked_at', 'is', null)
    .execute();
}

export async function touchOauthClient(store: Store, id: string, now: number): Promise<void> {
  await store.updateTable('oauth_clients').set({ last_used_at: now }).where('id', '=', id).execute();
}

/** False for one that was revoked or has expired. */
export const isOpenClient = (client: OauthClientRow, now: number): boolean =>
  client.revoked_at === null && client.expires_at > now;
