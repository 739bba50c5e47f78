import type { Selectable } from 'kysely';
import type { EvaluationsTable } from './database.ts';
import type { Store } from './store.ts';

export type EvaluationRow = Selectable<EvaluationsTable>;

/**
 * Wishes that `key` be planned again at `dueAt`. One queued wish per key is enough: a second one joins it, and
 * the earlier time counts. A wish made while its key is being evaluated waits for the next turn.
 */
export async function enqueueEvaluation(
  store: Store,
  wish: { key: string; reason: string; dueAt: number },
): Promise<void> {
  await store
    .insertInto('evaluations')
    .values({
      key: wish.key,
      reason: wish.reason,
      state: 'queued',
      attempts: 0,
      due_at: wish.dueAt,
      started_at: null,
    })
    .onConflict((conflict) =>
      conflict
        .columns(['key', 'state'])
        .doUpdateSet({ due_at: wish.dueAt, reason: wish.reason })
        .where('evaluations.due_at', '>', wish.dueAt),
    )
    .execute();
}

/** Takes the wish that is due longest and whose key is not being evaluated; undefined when there is none. */
export async function takeEvaluation(store: Store, now: number): Promise<EvaluationRow | undefined> {
  return store.transaction().execute(async (tx) => {
    const row = await tx
      .selectFrom('evaluations')
      .selectAll()
      .where('state', '=', 'queued')
      .where('due_at', '<=', now)
      .where('key', 'not in', (inner) =>
        inner.selectFrom('evaluations as other').select('other.key').where('other.state', '=', 'running'),
      )
      .orderBy('due_at')
      .orderBy('id')
      .limit(1)
      .executeTakeFirst();
    if (row === undefined) return undefined;
    return tx
      .updateTable('evaluations')
      .set({ state: 'running', started_at: now, attempts: row.attempts + 1 })
      .where('id', '=', row.id)
      .returningAll()
      .executeTakeFirstOrThrow();
  });
}

/** When the next queued wish is due; undefined when nothing waits. */
export async function nextEvaluationDueAt(store: Store): Promise<number | undefined> {
  const row = await store
    .selectFrom('evaluations')
    .select('due_at')
    .where('state', '=', 'queued')
    .orderBy('due_at')
    .limit(1)
    .executeTakeFirst();
  return row?.due_at;
}

/** The evaluation was carried out. */
export async function finishEvaluation(store: Store, id: number): Promise<void> {
  await store.deleteFrom('evaluations').where('id', '=', id).where('state', '=', 'running').execute();
}

/** The evaluation failed: it is due again at `dueAt`, unless a newer wish for its key already waits. */
export async function retryEvaluation(
  store: Store,
  row: EvaluationRow,
  dueAt: number,
  reason: string,
): Promise<void> {
  await store.transaction().execute(async (tx) => {
    await finishEvaluation(tx, row.id);
    await tx
      .insertInto('evaluations')
      .values({
        key: row.key,
        reason,
        state: 'queued',
        attempts: row.attempts,
        due_at: dueAt,
        started_at: null,
      })
      .onConflict((conflict) => conflict.columns(['key', 'state']).doNothing())
      .execute();
  });
}

/** At start: what was running when the orchestrator died is queued again. */
export async function requeueRunningEvaluations(store: Store, now: number): Promise<void> {
  const running = await store.selectFrom('evaluations').selectAll().where('state', '=', 'running').execute();
  for (const row of running) await retryEvaluation(store, row, now, row.reason);
}
