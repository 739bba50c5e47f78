import type { Store } from './store.ts';

/** Reads one fact of the network, undefined when it was never written. */
export async function getNetworkFact(store: Store, key: string): Promise<string | undefined> {
  const row = await store.selectFrom('network').select('value').where('key', '=', key).executeTakeFirst();
  return row?.value;
}

/** Writes one fact of the network. */
export async function putNetworkFact(store: Store, key: string, value: string): Promise<void> {
  await store
    .insertInto('network')
    .values({ key, value })
    .onConflict((conflict) => conflict.column('key').doUpdateSet({ value }))
    .execute();
}

/** Writes a fact that never changes; gives the value that it has then. */
export async function claimNetworkFact(store: Store, key: string, value: string): Promise<string> {
  await store
    .insertInto('network')
    .values({ key, value })
    .onConflict((conflict) => conflict.column('key').doNothing())
    .execute();
  return (await getNetworkFact(store, key)) ?? value;
}
