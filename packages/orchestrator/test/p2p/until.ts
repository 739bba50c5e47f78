import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'chai';

/** Longest wait; a test that needs more has failed. */
const LIMIT_MS = 10_000;

/** Looks again and again until `check` gives something other than undefined or false. */
export async function until<T>(what: string, check: () => T | Promise<T>): Promise<NonNullable<T>> {
  const end = performance.now() + LIMIT_MS;
  for (;;) {
    const found = await check();
    if (found !== undefined && found !== null && found !== false) return found;
    if (performance.now() > end) expect.fail(`waited in vain until ${what}`);
    await delay(2);
  }
}
