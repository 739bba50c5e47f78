import { type DeploymentState, scaleSchema } from '@rios/sdk/schema/deployment';
import type { Selectable } from 'kysely';
import type { z } from 'zod';
import type { DeploymentsTable } from './deployment-tables.ts';
import { decodeJson, encodeJson } from './json.ts';
import type { Store } from './store.ts';

/** Key of the evaluation that plans every deployment: see evaluations.ts. */
export const DEPLOYMENTS_KEY = 'deployments';

export type DeploymentWish = DeploymentsTable['wish'];
/** What `scale` set in place of the spec's. */
export type ScaleWish = z.infer<typeof scaleSchema>;

/** A deployment as it is stored. */
export interface DeploymentRecord {
  readonly id: string;
  readonly name: string;
  readonly accountId: string;
  readonly state: DeploymentState;
  readonly reason: string;
  readonly wish: DeploymentWish;
  readonly activeRelease: number | null;
  readonly latestRelease: number;
  readonly scale: ScaleWish;
  readonly restartCount: number;
  /** State of the autoscaler; its form is the autoscaler's to know. */
  readonly autoscaleJson: string;
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** What may change of one; what is left out stays. */
export type DeploymentChange = Partial<
  Omit<DeploymentRecord, 'id' | 'name' | 'accountId' | 'createdAt' | 'updatedAt'>
>;

/** @throws RiosError CONFLICT_EXISTS when the name is taken */
export async function insertDeployment(tx: Store, deployment: DeploymentRecord): Promise<void> {
  const { id, name, accountId, createdAt, updatedAt } = deployment;
  await tx
    .insertInto('deployments')
    .values({
      id,
      name,
      account_id: accountId,
      state: deployment.state,
      reason: deployment.reason,
      wish: deployment.wish,
      active_release: deployment.activeRelease,
      latest_release: deployment.latestRelease,
      scale_json: encodeJson(deployment.scale),
      restart_count: deployment.restartCount,
      autoscale_json: deployment.autoscaleJson,
      created_at: createdAt,
      updated_at: updatedAt,
    })
    .execute();
}

/** Changes a deployment; false when there is none. */
export async function changeDeployment(
  tx: Store,
  id: string,
  change: DeploymentChange,
  now: number,
): Promise<boolean> {
  const { activeRelease, latestRelease, scale, restartCount, autoscaleJson, ...same } = change;
  const done = await tx
    .updateTable('deployments')
    .set({
      ...same,
      ...(activeRelease === undefined ? {} : { active_release: activeRelease }),
      ...(latestRelease === undefined ? {} : { latest_release: latestRelease }),
      ...(scale === undefined ? {} : { scale_json: encodeJson(scale) }),
      ...(restartCount === undefined ? {} : { restart_count: restartCount }),
      ...(autoscaleJson === undefined ? {} : { autoscale_json: autoscaleJson }),
      updated_at: now,
    })
    .where('id', '=', id)
    .executeTakeFirst();
  return done.numUpdatedRows > 0n;
}

export async function findDeployment(store: Store, name: string): Promise<DeploymentRecord | undefined> {
  const row = await store.selectFrom('deployments').selectAll().where('name', '=', name).executeTakeFirst();
  return row && fromRow(row);
}

export async function getDeployment(store: Store, id: string): Promise<DeploymentRecord | undefined> {
  const row = await store.selectFrom('deployments').selectAll().where('id', '=', id).executeTakeFirst();
  return row && fromRow(row);
}

/** By name; of these accounts, or all. */
export async function listDeployments(
  store: Store,
  accountIds?: readonly string[],
): Promise<DeploymentRecord[]> {
  if (accountIds?.length === 0) return [];
  let query = store.selectFrom('deployments').selectAll();
  if (accountIds !== undefined) query = query.where('account_id', 'in', accountIds);
  return (await query.orderBy('name').execute()).map(fromRow);
}

/** Once none of its containers is left: the deployment and its releases go. */
export async function deleteDeployment(tx: Store, id: string): Promise<void> {
  await tx.deleteFrom('releases').where('deployment_id', '=', id).execute();
  await tx.deleteFrom('deployments').where('id', '=', id).execute();
}

const fromRow = (row: Selectable<DeploymentsTable>): DeploymentRecord => ({
  id: row.id,
  name: row.name,
  accountId: row.account_id,
  state: row.state,
  reason: row.reason,
  wish: row.wish,
  activeRelease: row.active_release,
  latestRelease: row.latest_release,
  scale: decodeJson(scaleSchema, row.scale_json),
  restartCount: row.restart_count,
  autoscaleJson: row.autoscale_json,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
});
