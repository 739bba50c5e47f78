import { sha256Of } from '@rios/sdk/crypto/hash';
import type { Selectable } from 'kysely';
import type { OauthPayloadsTable } from './oauth-tables.ts';
import { SEALED_COLUMNS, sealedContext } from './sealed-columns.ts';
import type { Store } from './store.ts';

export type OauthPayloadRow = Selectable<OauthPayloadsTable>;

/** The key of a row: ids are secrets, so the store holds only what does not give them away. */
export const payloadKey = (model: string, id: string): string => sha256Of(Buffer.from(`${model}:${id}`));

/** The second name of a row, for example a device's user code. */
export const payloadName = (model: string, name: string): string =>
  sha256Of(Buffer.from(`${model} name:${name}`));

/** What the envelope of a row is bound to: its key, which holds its model too. */
export const payloadContext = (key: string): string => sealedContext(SEALED_COLUMNS.oauthPayload, key);

/** Writes a row, over one of the same key. That it was consumed, or polled, stays. */
export async function putPayload(
  store: Store,
  row: Omit<OauthPayloadRow, 'consumed_at' | 'polled_at'>,
): Promise<void> {
  await store
    .insertInto('oauth_payloads')
    .values({ ...row, consumed_at: null, polled_at: null })
    .onConflict((conflict) =>
      conflict.column('id_sha256').doUpdateSet({
        grant_id: row.grant_id,
        envelope: row.envelope,
        expires_at: row.expires_at,
      }),
    )
    .execute();
}

export async function getPayload(store: Store, key: string): Promise<OauthPayloadRow | undefined> {
  return store.selectFrom('oauth_payloads').selectAll().where('id_sha256', '=', key).executeTakeFirst();
}

export async function findPayloadByName(store: Store, name: string): Promise<OauthPayloadRow | undefined> {
  return store.selectFrom('oauth_payloads').selectAll().where('name_sha256', '=', name).executeTakeFirst();
}

/** Uses a row up; false when it was used before, or is not there. Of many at once one gets true. */
export async function consumePayload(store: Store, key: string, now: number): Promise<boolean> {
  const consumed = await store
    .updateTable('oauth_payloads')
    .set({ consumed_at: now })
    .where('id_sha256', '=', key)
    .where('consumed_at', 'is', null)
    .executeTakeFirst();
  return consumed.numUpdatedRows > 0n;
}

/** Notes that a waiting device asks; false when it asked less than `intervalMs` ago, or the row is not there. */
export async function pollPayload(
  store: Store,
  key: string,
  { now, intervalMs }: { now: number; intervalMs: number },
): Promise<boolean> {
  const noted = await store
    .updateTable('oauth_payloads')
    .set({ polled_at: now })
    .where('id_sha256', '=', key)
    .where((eb) => eb.or([eb('polled_at', 'is', null), eb('polled_at', '<=', now - intervalMs)]))
    .executeTakeFirst();
  return noted.numUpdatedRows > 0n;
}

export async function deletePayload(store: Store, key: string): Promise<void> {
  await store.deleteFrom('oauth_payloads').where('id_sha256', '=', key).execute();
}

/** Removes all codes and tokens of a grant. */
export async function deletePayloadsOf(store: Store, grantId: string): Promise<void> {
  await store.deleteFrom('oauth_payloads').where('grant_id', '=', grantId).execute();
}

/** Drops what expired before `before`; bounds the table. */
export async function sweepPayloads(store: Store, before: number): Promise<void> {
  await store.deleteFrom('oauth_payloads').where('expires_at', '<', before).execute();
}
