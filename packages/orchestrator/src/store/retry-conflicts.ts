import { setTimeout as wait } from 'node:timers/promises';
import { isConflict } from './store-error.ts';

/** Conflicts get rarer with each wait, so this many in a row means that something else is wrong. */
const MAX_TRIES = 40;
const FIRST_WAIT_MS = 2;
const MAX_WAIT_MS = 100;

/**
 * Does `work` again while it loses against other transactions (isConflict), after a random wait that grows.
 * What it does outside the store must bear repetition. Takes 4 s at most beside the work itself.
 */
export async function retryConflicts<T>(work: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await work();
    } catch (error) {
      if (tries === MAX_TRIES || !isConflict(error)) throw error;
      await wait(Math.random() * Math.min(MAX_WAIT_MS, FIRST_WAIT_MS * 2 ** tries));
    }
  }
}
