import { RiosError, toErrorBody } from '@rios/sdk/errors/error';
import { shortageError } from '../dmoe/shortage.ts';
import { addEvent } from '../store/events.ts';
import { setModelState } from '../store/models.ts';
import type { Store } from '../store/store.ts';
import { type AssignmentChanges, writeAssignments } from './assignment-table.ts';
import type { ModelOutcome, PlannedEvent } from './observed.ts';

/** Everything that one evaluation changes in the store. */
export interface PlanChanges extends AssignmentChanges {
  readonly models: readonly ModelOutcome[];
  readonly events: readonly PlannedEvent[];
}

/** Writes it in the planner's transaction. Events come last: their ids are given out to one at a time. */
export async function writePlan(tx: Store, changes: PlanChanges, now: number): Promise<void> {
  for (const outcome of changes.models) {
    if (!outcome.changed) continue;
    const { name, state, reason, placement } = outcome;
    const error = state === 'failed' ? { error: toErrorBody(failureOf(outcome)) } : {};
    await setModelState(tx, name, { state, reason, placement, ...error });
  }
  await writeAssignments(tx, changes);
  for (const event of changes.events) await addEvent(tx, { at: now, ...event });
}

/**
 * What a request is told of a model that failed. Parts that failed where they were placed are the worker's
 * trouble; anything else is a shortage.
 */
function failureOf({ name, reason, placement, shortage }: ModelOutcome): RiosError {
  if (placement === null && shortage !== null) return shortageError(shortage);
  return new RiosError('RUNTIME_SESSION', `${name} cannot be loaded: ${reason}`, {
    details: { model: name },
  });
}
