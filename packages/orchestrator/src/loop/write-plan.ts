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

/**
 * Writes it in the planner's transaction, but nothing of a model that was wished anew meanwhile: that wish's own
 * evaluation is queued. Events come last: their ids are given out to one at a time. Returns those that were written.
 */
export async function writePlan(tx: Store, changes: PlanChanges, now: number): Promise<PlannedEvent[]> {
  const outdated = new Set<string>();
  for (const outcome of changes.models) {
    if (!outcome.changed) continue;
    const { name, state, reason, placement, wish } = outcome;
    const error = state === 'failed' ? { error: toErrorBody(failureOf(outcome)) } : {};
    const written = await setModelState(tx, name, { state, reason, placement, wish, ...error });
    if (!written) outdated.add(name);
  }
  await writeAssignments(tx, changes);
  const events = changes.events.filter(({ subject }) => !outdated.has(subject));
  for (const event of events) await addEvent(tx, { at: now, ...event });
  return events;
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
