import type { Clock } from '@rios/sdk/clock';
import { sleep } from './sleep.ts';

export interface ReconnectModules {
  readonly clock: Clock;
  readonly random: () => number;
  /** Ends the series. */
  readonly signal: AbortSignal;
  /** A connection failed. What it throws ends the series. */
  readonly onFailure: (error: unknown, attempt: number) => void;
}

/** A connection that lasted this long was a good one: the pauses begin anew. */
const GOOD_MS = 30_000;

/** Milliseconds before the next attempt: doubling from 0.5 s to 15 s, half of it random so that workers spread. */
export function reconnectDelayMs(attempt: number, random: () => number): number {
  const most = Math.min(15_000, 500 * 2 ** Math.min(attempt, 10));
  return Math.round(most * (0.5 + 0.5 * random()));
}

/** Connects, and again after every end, until the signal comes. `connect` lasts as long as its connection. */
export async function reconnect(
  connect: (attempt: number) => Promise<void>,
  { clock, random, signal, onFailure }: ReconnectModules,
): Promise<void> {
  for (let attempt = 0; !signal.aborted; attempt++) {
    const begun = clock.now();
    try {
      await connect(attempt);
    } catch (error) {
      if (signal.aborted) return;
      onFailure(error, attempt);
    }
    if (clock.now() - begun > GOOD_MS) attempt = 0;
    await sleep(clock, reconnectDelayMs(attempt, random), signal);
  }
}
