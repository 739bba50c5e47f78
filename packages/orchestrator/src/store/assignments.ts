import { type Assignment, assignmentSchema } from '@rios/sdk/schema/worker';
import { decodeJson, encodeJson } from './json.ts';
import type { Store } from './store.ts';

/** The newest assignment of a worker, as the planner wrote it. */
export interface StoredAssignment {
  readonly assignment: Assignment;
  /** The first generation with the parts that the worker is to hold now. */
  readonly partsGeneration: number;
  /** By the planner's clock; its fetch tickets are as old. */
  readonly updatedAt: number;
}

/** What is asked often of an assignment. */
export interface AssignmentHead {
  readonly workerId: string;
  readonly generation: number;
  /** The worker drains, and no model needs it any more. */
  readonly drained: boolean;
}

/** Keeps the newest assignment of a worker; an older generation than the stored one is ignored. */
export async function putAssignment(
  store: Store,
  workerId: string,
  { assignment, partsGeneration, updatedAt }: StoredAssignment,
): Promise<void> {
  const row = {
    generation: assignment.generation,
    assignment_json: encodeJson(assignment),
    updated_at: updatedAt,
    parts_generation: partsGeneration,
  };
  await store
    .insertInto('assignments')
    .values({ worker_id: workerId, ...row })
    .onConflict((conflict) =>
      conflict
        .column('worker_id')
        .doUpdateSet(row)
        .where('assignments.generation', '<', assignment.generation),
    )
    .execute();
}

/** Notes whether a worker that drains may leave. */
export async function setDrained(store: Store, workerId: string, drained: boolean): Promise<void> {
  await store
    .updateTable('assignments')
    .set({ drained: drained ? 1 : 0 })
    .where('worker_id', '=', workerId)
    .execute();
}

export async function getAssignment(store: Store, workerId: string): Promise<StoredAssignment | undefined> {
  const row = await store
    .selectFrom('assignments')
    .selectAll()
    .where('worker_id', '=', workerId)
    .executeTakeFirst();
  if (row === undefined) return undefined;
  return {
    assignment: decodeJson(assignmentSchema, row.assignment_json),
    partsGeneration: row.parts_generation,
    updatedAt: row.updated_at,
  };
}

/** What is newest for every worker. */
export async function listAssignmentHeads(store: Store): Promise<AssignmentHead[]> {
  const rows = await store
    .selectFrom('assignments')
    .select(['worker_id', 'generation', 'drained'])
    .orderBy('worker_id')
    .execute();
  return rows.map(({ worker_id, generation, drained }) => ({
    workerId: worker_id,
    generation,
    drained: drained === 1,
  }));
}

export async function deleteAssignment(store: Store, workerId: string): Promise<void> {
  await store.deleteFrom('assignments').where('worker_id', '=', workerId).execute();
}
