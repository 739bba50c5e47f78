import type { Clock } from '@rios/sdk/clock';
import { RiosError } from '@rios/sdk/errors/error';
import type { Store } from '../store/store.ts';
import * as rows from '../store/users-attempts.ts';

/** How a kind of subject is throttled: so many failures are free, then each doubles the lock. */
export interface ThrottleRule {
  readonly free: number;
  readonly firstLockMs: number;
  readonly maxLockMs: number;
}

const MINUTE_MS = 60_000;
export const ACCOUNT_RULE: ThrottleRule = { free: 5, firstLockMs: 30_000, maxLockMs: 15 * MINUTE_MS };
export const ADDRESS_RULE: ThrottleRule = { free: 30, firstLockMs: 10_000, maxLockMs: 15 * MINUTE_MS };
/** Failures are forgotten after this long without one. */
const WINDOW_MS = 60 * MINUTE_MS;

export interface Throttled {
  /** For example `login:<email>`, whether anybody has it or not; `address:<ip>`. */
  readonly subject: string;
  readonly rule: ThrottleRule;
}

/** How long a subject is locked after its n-th failure in a row; 0 while they are free. Pure. */
export function lockFor(failures: number, rule: ThrottleRule): number {
  if (failures < rule.free) return 0;
  return Math.min(rule.maxLockMs, rule.firstLockMs * 2 ** Math.min(failures - rule.free, 30));
}

/**
 * Counts an attempt for each subject before it is made; the one that reaches the limit locks at once, so that any
 * number of simultaneous guesses stay within it. Succeed with `forgive`.
 * @throws RiosError AUTH_TOO_MANY_ATTEMPTS with `details.retryAfterMs`.
 */
export async function takeAttempt(
  { store, clock }: { store: Store; clock: Clock },
  subjects: readonly Throttled[],
): Promise<void> {
  const now = clock.now();
  for (const { subject, rule } of subjects) {
    const until = await store.transaction().execute(async (tx) => {
      const counted = await rows.countAttempt(tx, { subject, now, windowMs: WINDOW_MS });
      if (counted === undefined) return rows.lockedUntil(tx, subject);
      const lockMs = lockFor(counted.failures, rule);
      if (lockMs > 0) await rows.lockSubject(tx, subject, now + lockMs);
      return 0;
    });
    if (until > 0) throw tooMany(until - now);
  }
  await rows.sweepAttempts(store, now - 2 * WINDOW_MS);
}

/** Ends an attempt that succeeded: the account starts anew, the address gets this one attempt back. */
export async function forgive(store: Store, account: Throttled, address: Throttled): Promise<void> {
  await rows.clearAttempts(store, account.subject);
  await rows.uncountAttempt(store, address.subject);
}

const tooMany = (retryAfterMs: number) =>
  new RiosError('AUTH_TOO_MANY_ATTEMPTS', 'too many attempts; wait before the next', {
    details: { retryAfterMs: Math.max(1, retryAfterMs) },
  });
