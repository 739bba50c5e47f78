import { setTimeout as sleep } from 'node:timers/promises';
import { hasCode, RiosError } from '@rios/sdk/errors/error';
import type { StartedOutside } from '@rios/sdk/schema/outside';

/** What may pass by itself while a person is in a browser. */
const PASSING = [
  'AUTH_OUTSIDE_PENDING',
  'API_UNREACHABLE',
  'API_TIMEOUT',
  'SERVICE_UNAVAILABLE',
  'CAPACITY_DRAINING',
  'QUOTA_RATE',
] as const;

/**
 * Asks until the person has said yes or no in the browser, or the time is over.
 * @throws RiosError what `ask` throws but that it is pending; AUTH_OUTSIDE_ENDED; USER_INTERRUPTED (the signal)
 */
export async function awaitOutside<T>(
  started: StartedOutside,
  ask: () => Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (!PASSING.some((code) => hasCode(error, code))) throw error;
    }
    if (Date.now() >= started.expiresAt) {
      throw new RiosError('AUTH_OUTSIDE_ENDED', 'nobody said yes in a browser in time');
    }
    await sleep(started.intervalMs, undefined, { signal }).catch(() => signal.throwIfAborted());
  }
}
