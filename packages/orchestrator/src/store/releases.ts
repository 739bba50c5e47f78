import { type AppSpec, appSpecSchema } from '@rios/sdk/schema/app';
import type { ReleaseState } from '@rios/sdk/schema/deployment';
import type { Selectable } from 'kysely';
import type { ReleasesTable } from './deployment-tables.ts';
import { decodeJson, encodeJson } from './json.ts';
import type { Store } from './store.ts';

/** A release as it is stored; numbers count up from 1 in each deployment. */
export interface ReleaseRecord {
  readonly deploymentId: string;
  readonly number: number;
  readonly state: ReleaseState;
  readonly reason: string;
  readonly spec: AppSpec;
  /** Of the source's file; null for an image. */
  readonly fileSha256: string | null;
  readonly rollbackOf: number | null;
  /** An account. */
  readonly createdBy: string;
  readonly createdAt: number;
  readonly healthyAt: number | null;
}

/** @throws RiosError CONFLICT_EXISTS when the number is taken */
export async function insertRelease(tx: Store, release: ReleaseRecord): Promise<void> {
  await tx
    .insertInto('releases')
    .values({
      deployment_id: release.deploymentId,
      number: release.number,
      state: release.state,
      reason: release.reason,
      spec_json: encodeJson(release.spec),
      file_sha256: release.fileSha256,
      rollback_of: release.rollbackOf,
      created_by: release.createdBy,
      created_at: release.createdAt,
      healthy_at: release.healthyAt,
    })
    .execute();
}

/** Sets what became of a release; `healthyAt` left out stays. */
export async function changeRelease(
  tx: Store,
  { deploymentId, number }: Pick<ReleaseRecord, 'deploymentId' | 'number'>,
  change: Pick<ReleaseRecord, 'state' | 'reason'> & { readonly healthyAt?: number | null },
): Promise<void> {
  const { state, reason, healthyAt } = change;
  await tx
    .updateTable('releases')
    .set({ state, reason, ...(healthyAt === undefined ? {} : { healthy_at: healthyAt }) })
    .where('deployment_id', '=', deploymentId)
    .where('number', '=', number)
    .execute();
}

export async function getRelease(
  store: Store,
  deploymentId: string,
  number: number,
): Promise<ReleaseRecord | undefined> {
  const row = await store
    .selectFrom('releases')
    .selectAll()
    .where('deployment_id', '=', deploymentId)
    .where('number', '=', number)
    .executeTakeFirst();
  return row && fromRow(row);
}

/** Of one deployment, the newest first. */
export async function listReleases(
  store: Store,
  deploymentId: string,
  limit = 1_000,
): Promise<ReleaseRecord[]> {
  const rows = await store
    .selectFrom('releases')
    .selectAll()
    .where('deployment_id', '=', deploymentId)
    .orderBy('number', 'desc')
    .limit(limit)
    .execute();
  return rows.map(fromRow);
}

/** All that a plan needs: of every deployment the latest and the active release, and those with containers. */
export async function listCurrentReleases(store: Store): Promise<ReleaseRecord[]> {
  const rows = await store
    .selectFrom('releases')
    .innerJoin('deployments', 'deployments.id', 'releases.deployment_id')
    .selectAll('releases')
    .where(({ or, eb, ref, exists, selectFrom }) =>
      or([
        eb('releases.number', '=', ref('deployments.latest_release')),
        eb('releases.number', '=', ref('deployments.active_release')),
        eb('releases.state', 'in', ['pending', 'rolling']),
        exists(
          selectFrom('replicas')
            .select('replicas.id')
            .whereRef('replicas.deployment_id', '=', 'releases.deployment_id')
            .whereRef('replicas.release', '=', 'releases.number'),
        ),
      ]),
    )
    .orderBy('releases.deployment_id')
    .orderBy('releases.number')
    .execute();
  return rows.map(fromRow);
}

/** Removes releases of a deployment below `number`, save those in `keep`; gives the files that they named. */
export async function pruneReleases(
  tx: Store,
  deploymentId: string,
  { below, keep }: { readonly below: number; readonly keep: readonly number[] },
): Promise<string[]> {
  const gone = await tx
    .deleteFrom('releases')
    .where('deployment_id', '=', deploymentId)
    .where('number', '<', below)
    .where('number', 'not in', [0, ...keep])
    .returning('file_sha256')
    .execute();
  return gone.flatMap(({ file_sha256 }) => file_sha256 ?? []);
}

/** Distinct files of a deployment's releases. */
export async function listReleaseFiles(store: Store, deploymentId: string): Promise<string[]> {
  const rows = await store
    .selectFrom('releases')
    .select('file_sha256')
    .distinct()
    .where('deployment_id', '=', deploymentId)
    .where('file_sha256', 'is not', null)
    .execute();
  return rows.flatMap(({ file_sha256 }) => file_sha256 ?? []);
}

/** A release of any deployment whose source is this file; undefined when none is. */
export async function findReleaseWithFile(
  store: Store,
  fileSha256: string,
): Promise<ReleaseRecord | undefined> {
  const row = await store
    .selectFrom('releases')
    .selectAll()
    .where('file_sha256', '=', fileSha256)
    .limit(1)
    .executeTakeFirst();
  return row && fromRow(row);
}

const fromRow = (row: Selectable<ReleasesTable>): ReleaseRecord => ({
  deploymentId: row.deployment_id,
  number: row.number,
  state: row.state,
  reason: row.reason,
  spec: decodeJson(appSpecSchema, row.spec_json),
  fileSha256: row.file_sha256,
  rollbackOf: row.rollback_of,
  createdBy: row.created_by,
  createdAt: row.created_at,
  healthyAt: row.healthy_at,
});
