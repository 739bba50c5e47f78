import { type ErrorView, errorViewSchema } from '@rios/sdk/schema/api';
import { type Placement, placementSchema, type Shape, shapeSchema } from '@rios/sdk/schema/route';
import type { ModelState } from './database.ts';
import { decodeOptionalJson, encodeJson } from './json.ts';
import type { Store } from './store.ts';

/** A registered model without its manifest's bytes. */
export interface ModelRecord {
  readonly name: string;
  readonly modelHash: string;
  readonly sizeBytes: number;
  readonly parameters: number;
  readonly state: ModelState;
  readonly reason: string;
  /** Desired state: on workers, or stored only. */
  readonly wanted: boolean;
  /** Forced shape; null = the planner's choice. */
  readonly wantedShape: Shape | null;
  readonly wantedSpread: boolean;
  /** Wei of ROS that each of its workers must have at stake; null = any. */
  readonly wantedMinStakeWei: bigint | null;
  /** Counts the wishes: what was found for an earlier one is not written over a later one. */
  readonly wish: number;
  readonly placement: Placement | null;
  /** Why it failed; null in any other state. */
  readonly error: ErrorView | null;
  readonly accountId: string;
  readonly createdAt: number;
}

const COLUMNS = [
  'name',
  'model_hash',
  'size_bytes',
  'parameters',
  'state',
  'reason',
  'wanted',
  'wanted_shape',
  'wanted_spread',
  'wanted_min_stake',
  'wish',
  'placement_json',
  'error_json',
  'account_id',
  'created_at',
] as const;

const select = (store: Store) => store.selectFrom('models').select(COLUMNS);
type Row = Awaited<ReturnType<ReturnType<typeof select>['execute']>>[number];

const fromRow = (row: Row): ModelRecord => ({
  name: row.name,
  modelHash: row.model_hash,
  sizeBytes: row.size_bytes,
  parameters: row.parameters,
  state: row.state,
  reason: row.reason,
  wanted: row.wanted === 1,
  wantedShape: row.wanted_shape === null ? null : shapeSchema.parse(row.wanted_shape),
  wantedSpread: row.wanted_spread === 1,
  wantedMinStakeWei: row.wanted_min_stake === null ? null : BigInt(row.wanted_min_stake),
  wish: row.wish,
  placement: decodeOptionalJson(placementSchema, row.placement_json),
  error: decodeOptionalJson(errorViewSchema, row.error_json),
  accountId: row.account_id,
  createdAt: row.created_at,
});

const encodeAmount = (wei: bigint | null): string | null => (wei === null ? null : String(wei));

/** Adds a model with its manifest and the blobs it refers to (each must be in `blobs`). */
export async function insertModel(
  store: Store,
  model: ModelRecord,
  manifest: Uint8Array,
  files: readonly string[],
): Promise<void> {
  await store
    .insertInto('models')
    .values({
      name: model.name,
      model_hash: model.modelHash,
      manifest,
      size_bytes: model.sizeBytes,
      parameters: model.parameters,
      state: model.state,
      reason: model.reason,
      wanted: model.wanted ? 1 : 0,
      wanted_shape: model.wantedShape,
      wanted_spread: model.wantedSpread ? 1 : 0,
      wanted_min_stake: encodeAmount(model.wantedMinStakeWei),
      wish: model.wish,
      placement_json: model.placement === null ? null : encodeJson(model.placement),
      error_json: model.error === null ? null : encodeJson(model.error),
      account_id: model.accountId,
      created_at: model.createdAt,
    })
    .execute();
  for (const sha256 of files) {
    await store.insertInto('model_files').values({ model_name: model.name, sha256 }).execute();
  }
}

export async function getModel(store: Store, name: string): Promise<ModelRecord | undefined> {
  const row = await select(store).where('name', '=', name).executeTakeFirst();
  return row === undefined ? undefined : fromRow(row);
}

/** By name, ascending. */
export async function listModels(store: Store): Promise<ModelRecord[]> {
  return (await select(store).orderBy('name').execute()).map(fromRow);
}

/** The manifest's exact bytes. */
export async function getManifestBytes(store: Store, name: string): Promise<Uint8Array | undefined> {
  const row = await store.selectFrom('models').select('manifest').where('name', '=', name).executeTakeFirst();
  return row?.manifest;
}

/** Removes a model and its claims on blobs; false when there was none. */
export async function deleteModel(store: Store, name: string): Promise<boolean> {
  const done = await store.deleteFrom('models').where('name', '=', name).executeTakeFirst();
  return done.numDeletedRows > 0n;
}

/** Sets what is desired of a model: the evaluation loop makes it so. */
export async function setWanted(
  store: Store,
  name: string,
  wanted: { on: boolean; shape: Shape | null; spread: boolean; minStakeWei?: bigint | null },
): Promise<void> {
  await store
    .updateTable('models')
    .set(({ eb }) => ({
      wanted: wanted.on ? 1 : 0,
      wanted_shape: wanted.shape,
      wanted_spread: wanted.spread ? 1 : 0,
      wanted_min_stake: encodeAmount(wanted.minStakeWei ?? null),
      wish: eb('wish', '+', 1),
    }))
    .where('name', '=', name)
    .execute();
}

/**
 * Sets what was observed of a model; `placement` undefined leaves it as it is. With `wish`, only while that wish is
 * the newest. False when nothing was set.
 */
export async function setModelState(
  store: Store,
  name: string,
  observed: {
    state: ModelState;
    reason: string;
    placement?: Placement | null;
    error?: ErrorView;
    wish?: number;
  },
): Promise<boolean> {
  const { placement, wish } = observed;
  const change = placement === undefined ? {} : { placement_json: placement && encodeJson(placement) };
  const update = store
    .updateTable('models')
    .set({
      state: observed.state,
      reason: observed.reason,
      error_json: observed.error === undefined ? null : encodeJson(observed.error),
      ...change,
    })
    .where('name', '=', name);
  const done = await (wish === undefined ? update : update.where('wish', '=', wish)).executeTakeFirst();
  return done.numUpdatedRows > 0n;
}

/** True when some registered model with this hash has this blob among its files. */
export async function modelHasFile(store: Store, modelHash: string, sha256: string): Promise<boolean> {
  const row = await store
    .selectFrom('model_files')
    .innerJoin('models', 'models.name', 'model_files.model_name')
    .select('model_files.sha256')
    .where('models.model_hash', '=', modelHash)
    .where('model_files.sha256', '=', sha256)
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

/** Distinct blobs of all models with this hash. */
export async function listModelFiles(store: Store, modelHash: string): Promise<string[]> {
  const rows = await store
    .selectFrom('model_files')
    .innerJoin('models', 'models.name', 'model_files.model_name')
    .select('model_files.sha256')
    .distinct()
    .where('models.model_hash', '=', modelHash)
    .execute();
  return rows.map((row) => row.sha256);
}

/** Models that have this blob among their files, by name, at most `limit`. */
export async function listModelsWithFile(
  store: Store,
  sha256: string,
  limit: number,
): Promise<{ name: string; modelHash: string }[]> {
  return store
    .selectFrom('model_files')
    .innerJoin('models', 'models.name', 'model_files.model_name')
    .select(['models.name', 'models.model_hash as modelHash'])
    .where('model_files.sha256', '=', sha256)
    .orderBy('models.name')
    .limit(limit)
    .execute();
}
