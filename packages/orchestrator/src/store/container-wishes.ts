import { type DesiredContainers, desiredReplicaSchema } from '@rios/sdk/schema/container';
import { z } from 'zod';
import { decodeJson, encodeJson } from './json.ts';
import type { Store } from './store.ts';

const replicasSchema = z.array(desiredReplicaSchema);

/** The newest wish of a worker; undefined before the first. */
export async function getContainerWish(
  store: Store,
  workerId: string,
): Promise<DesiredContainers | undefined> {
  const row = await store
    .selectFrom('container_wishes')
    .selectAll()
    .where('worker_id', '=', workerId)
    .executeTakeFirst();
  if (row === undefined) return undefined;
  return { generation: row.generation, replicas: decodeJson(replicasSchema, row.replicas_json) };
}

/** The generation of each worker's newest wish, by worker: little to read, however much is wished. */
export async function listWishGenerations(store: Store): Promise<Map<string, number>> {
  const rows = await store.selectFrom('container_wishes').select(['worker_id', 'generation']).execute();
  return new Map(rows.map((row) => [row.worker_id, row.generation]));
}

/** In the planner's transaction: the wish that a worker gets next. */
export async function putContainerWish(
  tx: Store,
  workerId: string,
  { generation, replicas }: DesiredContainers,
  now: number,
): Promise<void> {
  const values = { generation, replicas_json: encodeJson(replicas), updated_at: now };
  await tx
    .insertInto('container_wishes')
    .values({ worker_id: workerId, ...values })
    .onConflict((conflict) => conflict.column('worker_id').doUpdateSet(values))
    .execute();
}
