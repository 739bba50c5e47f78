import type { EventView } from '@rios/sdk/schema/api';

/** Kinds after which a worker takes requests, and those after which it does not. */
const STATE_AFTER: Readonly<Record<string, string>> = {
  'worker.joined': 'listed',
  'worker.awaited': 'joining',
  'worker.unreachable': 'unreachable',
  'worker.draining': 'draining',
  'worker.lost': 'gone',
  'worker.left': 'gone',
  'worker.removed': 'gone',
};

/**
 * What is wrong with events if each change of a worker is to be told once: the same change told twice in a row.
 * `events` in any order.
 */
export function repeatedChanges(events: readonly EventView[]): string[] {
  const last = new Map<string, { state: string; id: number }>();
  const found: string[] = [];
  for (const { id, kind, subject } of events.toSorted((one, other) => one.id - other.id)) {
    const state = STATE_AFTER[kind];
    if (state === undefined) continue;
    const before = last.get(subject);
    if (before?.state === state)
      found.push(`${subject} became ${state} in event ${before.id} and again in ${id}`);
    last.set(subject, { state, id });
  }
  return found;
}
