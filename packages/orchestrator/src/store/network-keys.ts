import type { Store } from './store.ts';

/** The network key as the first orchestrator sealed it; undefined when none did. */
export async function getNetworkKey(
  store: Store,
): Promise<{ networkId: string; envelope: string } | undefined> {
  const row = await store.selectFrom('network_keys').selectAll().executeTakeFirst();
  return row === undefined ? undefined : { networkId: row.network_id, envelope: row.private_envelope };
}

/** Keeps the sealed network key; one that is there already stays. */
export async function insertNetworkKey(
  store: Store,
  key: { networkId: string; envelope: string; now: number },
): Promise<void> {
  await store
    .insertInto('network_keys')
    .values({ network_id: key.networkId, private_envelope: key.envelope, created_at: key.now })
    .onConflict((conflict) => conflict.column('network_id').doNothing())
    .execute();
}
