import { containerOfferSchema } from '@rios/sdk/schema/container';
import type { Selectable } from 'kysely';
import type { z } from 'zod';
import type { ReplicasTable } from './deployment-tables.ts';
import { decodeJson, encodeJson } from './json.ts';
import type { Store } from './store.ts';

const pricesSchema = containerOfferSchema.shape.prices;
/** What a container is paid, wei of ROS per PRICED_QUANTITY of each. */
export type ContainerPrices = z.infer<typeof pricesSchema>;

/** One container that is wanted, or was and is not gone yet. */
export interface ReplicaRecord {
  readonly id: string;
  readonly deploymentId: string;
  readonly release: number;
  /** Peer id. */
  readonly workerId: string;
  readonly wish: ReplicasTable['wish'];
  readonly attempt: number;
  readonly restarts: number;
  readonly retryAt: number | null;
  readonly prices: ContainerPrices;
  readonly ticketNonce: string;
  readonly startedAt: number | null;
  readonly healthyAt: number | null;
  readonly drainUntil: number | null;
  readonly restartCount: number;
  readonly createdAt: number;
}

/** Adds a replica, or writes it as it is now. */
export async function putReplica(tx: Store, replica: ReplicaRecord): Promise<void> {
  const { id, ...values } = toRow(replica);
  await tx
    .insertInto('replicas')
    .values({ id, ...values })
    .onConflict((conflict) => conflict.column('id').doUpdateSet(values))
    .execute();
}

export async function deleteReplica(tx: Store, id: string): Promise<void> {
  await tx.deleteFrom('replicas').where('id', '=', id).execute();
}

export async function getReplica(store: Store, id: string): Promise<ReplicaRecord | undefined> {
  const row = await store.selectFrom('replicas').selectAll().where('id', '=', id).executeTakeFirst();
  return row && fromRow(row);
}

/** Of one deployment, or all; by deployment, then by age. */
export async function listReplicas(store: Store, deploymentId?: string): Promise<ReplicaRecord[]> {
  let query = store.selectFrom('replicas').selectAll();
  if (deploymentId !== undefined) query = query.where('deployment_id', '=', deploymentId);
  const rows = await query.orderBy('deployment_id').orderBy('created_at').orderBy('id').execute();
  return rows.map(fromRow);
}

/** Workers that have containers, or shall have some. */
export async function listContainerHosts(store: Store): Promise<Set<string>> {
  const rows = await store.selectFrom('replicas').select('worker_id').distinct().execute();
  return new Set(rows.map((row) => row.worker_id));
}

/** Whether a worker is to run, or still runs, a container whose release has this file. */
export async function needsReleaseFile(store: Store, workerId: string, fileSha256: string): Promise<boolean> {
  const row = await store
    .selectFrom('replicas')
    .innerJoin('releases', (join) =>
      join
        .onRef('releases.deployment_id', '=', 'replicas.deployment_id')
        .onRef('releases.number', '=', 'replicas.release'),
    )
    .select('replicas.id')
    .where('replicas.worker_id', '=', workerId)
    .where('replicas.wish', '!=', 'remove')
    .where('releases.file_sha256', '=', fileSha256)
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

const toRow = (replica: ReplicaRecord): Selectable<ReplicasTable> => ({
  id: replica.id,
  deployment_id: replica.deploymentId,
  release: replica.release,
  worker_id: replica.workerId,
  wish: replica.wish,
  attempt: replica.attempt,
  restarts: replica.restarts,
  retry_at: replica.retryAt,
  prices_json: encodeJson(replica.prices),
  ticket_nonce: replica.ticketNonce,
  started_at: replica.startedAt,
  healthy_at: replica.healthyAt,
  drain_until: replica.drainUntil,
  restart_count: replica.restartCount,
  created_at: replica.createdAt,
});

const fromRow = (row: Selectable<ReplicasTable>): ReplicaRecord => ({
  id: row.id,
  deploymentId: row.deployment_id,
  release: row.release,
  workerId: row.worker_id,
  wish: row.wish,
  attempt: row.attempt,
  restarts: row.restarts,
  retryAt: row.retry_at,
  prices: decodeJson(pricesSchema, row.prices_json),
  ticketNonce: row.ticket_nonce,
  startedAt: row.started_at,
  healthyAt: row.healthy_at,
  drainUntil: row.drain_until,
  restartCount: row.restart_count,
  createdAt: row.created_at,
});
