/** So many failures in a row take a replica out. */
const THRESHOLD = 3;
/** It is tried again after this, twice as long after each further failure. */
const FIRST_PAUSE_MS = 1_000;
const MAX_PAUSE_MS = 30_000;

/** What came of the last requests to one replica. */
export interface Circuit {
  readonly failures: number;
  /** Taken out until then, ms; after it one request is let through at a time. */
  readonly openUntil: number;
}

export const CLOSED: Circuit = { failures: 0, openUntil: 0 };

/** The circuit after one more failure. Answers of the application, also 5xx, are no failures: it was reached. */
export function afterFailure({ failures }: Circuit, now: number): Circuit {
  const count = failures + 1;
  if (count < THRESHOLD) return { failures: count, openUntil: 0 };
  const pauseMs = Math.min(MAX_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (count - THRESHOLD));
  return { failures: count, openUntil: now + pauseMs };
}

/** Whether a request may go there. `inFlight`: those that are there already. */
export function admits({ failures, openUntil }: Circuit, inFlight: number, now: number): boolean {
  if (failures < THRESHOLD) return true;
  return now >= openUntil && inFlight === 0;
}
