import { usageSchema, type WorkShare, workShareSchema } from '@rios/sdk/schema/inference';
import { rejectionSchema, type Shape, shapeSchema } from '@rios/sdk/schema/route';
import type { ExpressionBuilder, Selectable } from 'kysely';
import { z } from 'zod';
import type { Database, RequestState, RequestsTable } from './database.ts';
import { addEvent } from './events.ts';
import { decodeOptionalJson, encodeJson } from './json.ts';
import { liveIds } from './orchestrators.ts';
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

/** Notes that a request began. `orchestrator`: peer id of who carries it out. */
export async function insertRequest(
  store: Store,
  request: { id: string; accountId: string; model: string; createdAt: number; orchestrator: string },
): Promise<void> {
  await store
    .insertInto('requests')
    .values({
      id: request.id,
      account_id: request.accountId,
      model: request.model,
      state: 'running',
      created_at: request.createdAt,
      orchestrator: request.orchestrator,
    })
    .execute();
}

/** Notes how a running request is carried out; false when it runs no more. */
export async function setRequestPlan(
  store: Store,
  id: string,
  planned: { modelHash: string; shape: Shape; plan: RequestPlan },
): Promise<boolean> {
  const changed = await store
    .updateTable('requests')
    .set({ model_hash: planned.modelHash, shape: planned.shape, plan_json: encodeJson(planned.plan) })
    .where('id', '=', id)
    .where('state', '=', 'running')
    .executeTakeFirst();
  return changed.numUpdatedRows > 0n;
}

/** How a request was answered. */
export interface RequestEnd {
  readonly shares: readonly WorkShare[];
  readonly usage: z.infer<typeof usageSchema>;
  readonly ttftMs: number;
  readonly totalMs: number;
  readonly finishedAt: number;
}

/** In a transaction: a running request was answered; an event tells its account. Another end before this counts. */
export async function succeedRequest(tx: Store, id: string, end: RequestEnd): Promise<void> {
  const done = await tx
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
    .returning(['account_id', 'model'])
    .executeTakeFirst();
  if (done === undefined) return;
  const { promptTokens, completionTokens } = end.usage;
  const message = `${done.model}: ${promptTokens} + ${completionTokens} tokens in ${Math.round(end.totalMs)} ms`;
  const about = { at: end.finishedAt, subject: id, accountId: done.account_id };
  await addEvent(tx, { ...about, kind: 'request.succeeded', message });
}

export interface RequestFailure {
  readonly code: string;
  readonly message: string;
  readonly finishedAt: number;
}

/** How requests ended that an orchestrator did not live to end. The client may try again. */
export const STOPPED = { code: 'PEER_LOST', message: 'the orchestrator stopped during the request' } as const;

/** In place of an orchestrator: those that live no more. */
export const GONE = Symbol('orchestrators that live no more');

/** Which running requests fail. */
export type Which =
  | { readonly id: string }
  /** Those of one orchestrator, and of none (from before there were several). */
  | { readonly orchestrator: string }
  | { readonly orchestrator: typeof GONE };

/** A request that has just failed. */
export interface FailedRequest {
  readonly id: string;
  readonly accountId: string;
  readonly model: string;
}

/**
 * In a transaction: running requests failed; an event of each tells its account. Gives them. What was reserved for
 * them is billing's: see endDead.
 */
export async function failRequests(tx: Store, which: Which, end: RequestFailure): Promise<FailedRequest[]> {
  const failed = await tx
    .updateTable('requests')
    .set({
      state: 'failed',
      error_code: end.code,
      error_message: end.message,
      finished_at: end.finishedAt,
    })
    .where('state', '=', 'running')
    .where((where) => matches(where, tx, which))
    .returning(['id', 'account_id as accountId', 'model'])
    .execute();
  for (const { id, accountId, model } of failed) {
    const message = `${model}: ${end.code}: ${end.message}`;
    const about = { at: end.finishedAt, subject: id, accountId };
    await addEvent(tx, { ...about, kind: 'request.failed', message });
  }
  return failed;
}

/** Whether requests of orchestrators that live no more are still running. */
export async function hasRequestsOfGone(store: Store): Promise<boolean> {
  const row = await store
    .selectFrom('requests')
    .select('id')
    .where('state', '=', 'running')
    .where('orchestrator', 'not in', liveIds(store))
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

function matches({ eb, or }: ExpressionBuilder<Database, 'requests'>, tx: Store, which: Which) {
  if ('id' in which) return eb('id', '=', which.id);
  if (which.orchestrator === GONE) return eb('orchestrator', 'not in', liveIds(tx));
  return or([eb('orchestrator', '=', which.orchestrator), eb('orchestrator', 'is', null)]);
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
