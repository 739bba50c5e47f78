import { countSchema } from '@rios/sdk/schema/common';
import { type ObservedReplica, observedReplicaSchema } from '@rios/sdk/schema/container';
import { z } from 'zod';
import { decodeJson } from './json.ts';
import type { Store } from './store.ts';

/** The form of `workers.containers_json`: what the heartbeat's `containers` says. */
export const observedContainersSchema = z.strictObject({
  generation: countSchema,
  replicas: z.array(observedReplicaSchema),
});
export type ObservedContainers = z.infer<typeof observedContainersSchema>;

/** What these workers last said of their containers, by replica. */
export async function listObservedReplicas(
  store: Store,
  workerIds: readonly string[],
): Promise<Map<string, ObservedReplica>> {
  if (workerIds.length === 0) return new Map();
  const rows = await store
    .selectFrom('workers')
    .select('containers_json')
    .where('peer_id', 'in', [...new Set(workerIds)])
    .where('containers_json', 'is not', null)
    .execute();
  const all = rows.flatMap(({ containers_json: text }) =>
    text === null ? [] : decodeJson(observedContainersSchema, text).replicas,
  );
  return new Map(all.map((replica) => [replica.id, replica]));
}
