import { offerSchema } from '@rios/sdk/schema/worker';
import { decodeJson } from './json.ts';
import type { Store } from './store.ts';

/** What these workers call themselves, by peer id. */
export async function listWorkerNames(
  store: Store,
  workerIds: readonly string[],
): Promise<Map<string, string>> {
  if (workerIds.length === 0) return new Map();
  const rows = await store
    .selectFrom('workers')
    .select(['peer_id', 'offer_json'])
    .where('peer_id', 'in', workerIds)
    .execute();
  return new Map(rows.map((row) => [row.peer_id, decodeJson(offerSchema, row.offer_json).name]));
}
