import { type Assignment, assignmentSchema } from '@rios/sdk/schema/worker';
import { decodeJson, encodeJson } from './json.ts';
import type { Store } from './store.ts';

/** Keeps the newest assignment of a worker; an older generation than the stored one is ignored. */
export async function putAssignment(
  store: Store,
  workerId: string,
  assignment: Assignment,
  now: number,
): Promise<void> {
  const row = {
    generation: assignment.generation,
    assignment_json: encodeJson(assignment),
    updated_at: now,
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

export async function getAssignment(store: Store, workerId: string): Promise<Assignment | undefined> {
  const row = await store
    .selectFrom('assignments')
    .select('assignment_json')
    .where('worker_id', '=', workerId)
    .executeTakeFirst();
  return row === undefined ? undefined : decodeJson(assignmentSchema, row.assignment_json);
}

/** All assignments by worker id. */
export async function listAssignments(store: Store): Promise<Map<string, Assignment>> {
  const rows = await store.selectFrom('assignments').select(['worker_id', 'assignment_json']).execute();
  return new Map(rows.map((row) => [row.worker_id, decodeJson(assignmentSchema, row.assignment_json)]));
}

export async function deleteAssignment(store: Store, workerId: string): Promise<void> {
  await store.deleteFrom('assignments').where('worker_id', '=', workerId).execute();
}
