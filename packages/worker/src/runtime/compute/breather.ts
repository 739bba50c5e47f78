import { setImmediate } from 'node:timers/promises';

/** Longest time that a thread computes without looking at its messages, besides one graph call. */
const BREATH_MS = 4;

/** Lets the thread's messages in (an abort, another session's call) when it has computed for a while. */
export function createBreather(): () => Promise<void> {
  let last = performance.now();
  return async () => {
    if (performance.now() - last < BREATH_MS) return;
    await setImmediate();
    last = performance.now();
  };
}
