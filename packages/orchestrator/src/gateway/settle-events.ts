import type { EventView } from '@rios/sdk/schema/api';

/** An id that is missing for so long belongs to a change that was rolled back. */
export const GAP_WAIT_MS = 2_000;

export interface Settled {
  /** Every event up to this id is known. */
  readonly upTo: number;
  /** When the id after it was first seen to be missing (ms). */
  readonly gapSince: number | undefined;
}

/**
 * Which of the events after `state.upTo` (ascending, without holes of the reader's making) can be told. Several
 * writers take ids in one order and commit in another: an event stands behind a missing id until that comes, or
 * has been missing for GAP_WAIT_MS, so that nobody who resumes after it can miss the earlier one.
 */
export function settleEvents<Event extends Pick<EventView, 'id'>>(
  events: readonly Event[],
  state: Settled,
  now: number,
): { readonly told: readonly Event[]; readonly state: Settled } {
  let { upTo, gapSince } = state;
  const told: Event[] = [];
  for (const event of events) {
    if (event.id > upTo + 1) {
      gapSince ??= now;
      if (now - gapSince < GAP_WAIT_MS) return { told, state: { upTo, gapSince } };
    }
    told.push(event);
    upTo = event.id;
    gapSince = undefined;
  }
  return { told, state: { upTo, gapSince: told.length === events.length ? undefined : gapSince } };
}
