import type { Clock } from '../clock.ts';

/** Longest delay of a timer. */
const FOREVER_MS = 2_147_483_647;

/** Waits. Unlike the clock's own timers it keeps the process alive: a transaction under way must be seen to its end. */
export function pause(clock: Clock, delayMs: number): Promise<void> {
  const awake = setInterval(() => {}, FOREVER_MS);
  return new Promise((resolve) => {
    clock.after(delayMs, () => {
      clearInterval(awake);
      resolve();
    });
  });
}
