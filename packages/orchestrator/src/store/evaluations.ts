import { type Selectable, sql } from 'kysely';
import type { EvaluationsTable } from './database.ts';
import { getNetworkFact, putNetworkFact } from './network.ts';
import type { Store } from './store.ts';

export type EvaluationRow = Selectable<EvaluationsTable>;

/** A due time for what is to be evaluated now, whatever the clock of whoever evaluates says. */
export const AT_ONCE = 0;

/** Where `noteEvaluated` keeps it, in the table `network`. */
const EVALUATED = 'evaluated';

/**
 * Wishes that `key` be planned again at `dueAt`, by the clock of whoever plans. One queued wish per key is enough:
 * a second one joins it, and the earlier time counts. A wish made while its key is being evaluated waits for the
 * next turn. Returns the id of the evaluation that carries the wish out, or is made anew under a higher one.
 */
export async function enqueueEvaluation(
  store: Store,
  { key, reason, dueAt }: { key: string; reason: string; dueAt: number },
): Promise<number> {
  const earlier = <T>(mine: T, theirs: 'due_at' | 'reason') =>
    sql<T>`case when evaluations.due_at > cast(${dueAt} as bigint) then ${mine} else ${sql.ref(`evaluations.${theirs}`)} end`;
  const { id } = await store
    .insertInto('evaluations')
    .values({ key, reason, state: 'queued', attempts: 0, due_at: dueAt, started_at: null })
    .onConflict((conflict) =>
      conflict
        .columns(['key', 'state'])
        .doUpdateSet({ due_at: earlier(dueAt, 'due_at'), reason: earlier(reason, 'reason') }),
    )
    .returning('id')
    .executeTakeFirstOrThrow();
  return id;
}

/**
 * Takes the wish that is due longest and whose key is not being evaluated; undefined when there is none. `keys`: only
 * one of these, left out = any.
 */
export async function takeEvaluation(
  store: Store,
  now: number,
  keys?: readonly string[],
): Promise<EvaluationRow | undefined> {
  return store
    .updateTable('evaluations')
    .set(({ eb }) => ({ state: 'running' as const, started_at: now, attempts: eb('attempts', '+', 1) }))
    .where('id', '=', ({ selectFrom }) =>
      selectFrom('evaluations as due')
        .select('due.id')
        .where('due.state', '=', 'queued')
        .where('due.due_at', '<=', now)
        .$if(keys !== undefined, (due) => due.where('due.key', 'in', keys ?? []))
        .where('due.key', 'not in', (inner) =>
          inner.selectFrom('evaluations as other').select('other.key').where('other.state', '=', 'running'),
        )
        .orderBy('due.due_at')
        .orderBy('due.id')
        .limit(1),
    )
    .returningAll()
    .executeTakeFirst();
}

/** When the next queued wish (of these keys, left out = any) is due; undefined when nothing waits. */
export async function nextEvaluationDueAt(
  store: Store,
  keys?: readonly string[],
): Promise<number | undefined> {
  const row = await store
    .selectFrom('evaluations')
    .select('due_at')
    .where('state', '=', 'queued')
    .$if(keys !== undefined, (query) => query.where('key', 'in', keys ?? []))
    .orderBy('due_at')
    .limit(1)
    .executeTakeFirst();
  return row?.due_at;
}

/** The evaluation was carried out. False when it was not running any more. */
export async function finishEvaluation(store: Store, id: number): Promise<boolean> {
  const done = await store
    .deleteFrom('evaluations')
    .where('id', '=', id)
    .where('state', '=', 'running')
    .executeTakeFirst();
  return done.numDeletedRows > 0n;
}

/** Notes, in the transaction of its plan, that the evaluation with this id was carried out. */
export async function noteEvaluated(tx: Store, id: number): Promise<void> {
  await putNetworkFact(tx, EVALUATED, String(Math.max(id, await lastEvaluated(tx))));
}

/** The highest id of an evaluation that was carried out; 0 before the first. */
export async function lastEvaluated(store: Store): Promise<number> {
  return Number((await getNetworkFact(store, EVALUATED)) ?? 0);
}

/** In a transaction: it failed, and is due again at `dueAt`, unless a newer wish for its key already waits. */
export async function retryEvaluation(
  tx: Store,
  row: EvaluationRow,
  dueAt: number,
  reason: string,
): Promise<void> {
  const { key, attempts } = row;
  await finishEvaluation(tx, row.id);
  await tx
    .insertInto('evaluations')
    .values({ key, reason, state: 'queued', attempts, due_at: dueAt, started_at: null })
    .onConflict((conflict) => conflict.columns(['key', 'state']).doNothing())
    .execute();
}

/** In a transaction of the only one who evaluates: what somebody before it had begun is queued again. */
export async function requeueRunningEvaluations(tx: Store, now: number): Promise<void> {
  const running = await tx.selectFrom('evaluations').selectAll().where('state', '=', 'running').execute();
  for (const row of running) await retryEvaluation(tx, row, now, row.reason);
}
