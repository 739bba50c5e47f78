import { usageSchema, type WorkShare, workShareSchema } from '@rios/sdk/schema/inference';
import { rejectionSchema, type Shape, shapeSchema } from '@rios/sdk/schema/route';
import type { Selectable } from 'kysely';
import { z } from 'zod';
import type { RequestState, RequestsTable } from './database.ts';
import { decodeOptionalJson, encodeJson } from './json.ts';
import type { Store } from './store.ts';

/** Why a request was planned as it was: kept for `rios route explain`. */
const requestPlanSchema = z.object({
  reason: z.string(),
  rejected: z.array(rejectionSchema),
  stages: z.array(z.object({ workerId: z.string(), name: z.string(), from: z.int(), to: z.int() })),
  /** Names of the workers at the time of the request, by id. */
  names: z.record(z.string(), z.string()),
});
export type RequestPlan = z.infer<typeof requestPlanSchema>;

/** One request, with what is known of it so far. */
export interface RequestRecord {
  readonly id: string;
  readonly accountId: string;
  readonly model: string;
  readonly modelHash: string | null;
  readonly state: RequestState;
  readonly shape: Shape | null;
  readonly plan: RequestPlan | null;
  readonly shares: readonly WorkShare[] | null;
  readonly usage: z.infer<typeof usageSchema> | null;
  readonly errorCode: string | null;
  readonly errorMessage: string | null;
  readonly ttftMs: number | null;
  readonly totalMs: number | null;
  readonly createdAt: number;
  readonly finishedAt: number | null;
}

/** Notes that a request began. */
export async function insertRequest(
  store: Store,
  request: { id: string; accountId: string; model: string; createdAt: number },
): Promise<void> {
  await store
    .insertInto('requests')
    .values({
      id: request.id,
      account_id: request.accountId,
      model: request.model,
      state: 'running',
      created_at: request.createdAt,
    })
    .execute();
}

/** Notes how a running request is carried out. */
export async function setRequestPlan(
  store: Store,
  id: string,
  planned: { modelHash: string; shape: Shape; plan: RequestPlan },
): Promise<void> {
  await store
    .updateTable('requests')
    .set({ model_hash: planned.modelHash, shape: planned.shape, plan_json: encodeJson(planned.plan) })
    .where('id', '=', id)
    .execute();
}

/** Notes the end of a running request that was answered. */
export async function succeedRequest(
  store: Store,
  id: string,
  end: {
    shares: readonly WorkShare[];
    usage: z.infer<typeof usageSchema>;
    ttftMs: number;
    totalMs: number;
    finishedAt: number;
  },
): Promise<void> {
  await store
    .updateTable('requests')
    .set({
      state: 'succeeded',
      shares_json: encodeJson(end.shares),
      usage_json: encodeJson(end.usage),
      ttft_ms: end.ttftMs,
      total_ms: end.totalMs,
      finished_at: end.finishedAt,
    })
    .where('id', '=', id)
    .where('state', '=', 'running')
    .execute();
}

/** Notes the end of a running request that failed. */
export async function failRequest(
  store: Store,
  id: string,
  end: { code: string; message: string; finishedAt: number },
): Promise<void> {
  await store
    .updateTable('requests')
    .set({
      state: 'failed',
      error_code: end.code,
      error_message: end.message,
      finished_at: end.finishedAt,
    })
    .where('id', '=', id)
    .where('state', '=', 'running')
    .execute();
}

/** At start: what was running when the orchestrator died has failed. */
export async function failRunningRequests(store: Store, now: number): Promise<void> {
  await store
    .updateTable('requests')
    .set({
      state: 'failed',
      error_code: 'PEER_LOST',
      error_message: 'the orchestrator stopped during the request',
      finished_at: now,
    })
    .where('state', '=', 'running')
    .execute();
}

export async function getRequest(store: Store, id: string): Promise<RequestRecord | undefined> {
  const row = await store.selectFrom('requests').selectAll().where('id', '=', id).executeTakeFirst();
  return row === undefined ? undefined : fromRow(row);
}

/** How many requests stand in each state. */
export async function countRequests(store: Store): Promise<Record<RequestState, number>> {
  const rows = await store
    .selectFrom('requests')
    .select(({ fn }) => ['state', fn.countAll<number>().as('count')])
    .groupBy('state')
    .execute();
  const counts = { running: 0, succeeded: 0, failed: 0 };
  for (const row of rows) counts[row.state] = row.count;
  return counts;
}

function fromRow(row: Selectable<RequestsTable>): RequestRecord {
  return {
    id: row.id,
    accountId: row.account_id,
    model: row.model,
    modelHash: row.model_hash,
    state: row.state,
    shape: row.shape === null ? null : shapeSchema.parse(row.shape),
    plan: decodeOptionalJson(requestPlanSchema, row.plan_json),
    shares: decodeOptionalJson(z.array(workShareSchema), row.shares_json),
    usage: decodeOptionalJson(usageSchema, row.usage_json),
    errorCode: row.error_code,
    errorMessage: row.error_message,
    ttftMs: row.ttft_ms,
    totalMs: row.total_ms,
    createdAt: row.created_at,
    finishedAt: row.finished_at,
  };
}
