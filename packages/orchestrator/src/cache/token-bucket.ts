import type { BucketRate, TokenGrant } from './cache.ts';

/** Tokens are counted in millionths, so that a bucket that gains 10 in a second gains exactly that. */
export const MICROTOKENS = 1_000_000;

/** A bucket as it was at `at`, milliseconds. */
export interface Bucket {
  readonly microtokens: number;
  readonly at: number;
}

/**
 * Takes one token at `now`, if there is one. In any time of s seconds at most capacity + floor(refill x s) are
 * allowed. A clock that goes back adds nothing. The same sums as redis-scripts.ts.
 */
export function takeToken(
  before: Bucket | undefined,
  { capacity, refillPerSecond }: BucketRate,
  now: number,
): { bucket: Bucket; grant: TokenGrant } {
  const full = capacity * MICROTOKENS;
  const at = Math.max(now, before?.at ?? now);
  const gained = (at - (before?.at ?? at)) * 1000 * refillPerSecond;
  const held = Math.min(full, (before?.microtokens ?? full) + gained);
  const allowed = held >= MICROTOKENS;
  const microtokens = allowed ? held - MICROTOKENS : held;
  return { bucket: { microtokens, at }, grant: grantOf(allowed, microtokens, refillPerSecond) };
}

/** What a caller is told of the `microtokens` that are left. */
export function grantOf(allowed: boolean, microtokens: number, refillPerSecond: number): TokenGrant {
  const missing = Math.max(0, MICROTOKENS - microtokens);
  return {
    allowed,
    remaining: Math.floor(microtokens / MICROTOKENS),
    retryAfterMs: Math.ceil(missing / refillPerSecond / 1000),
  };
}

/** When a bucket that is left alone is full again, and so need not be remembered. */
export const fullAt = (bucket: Bucket, { capacity, refillPerSecond }: BucketRate): number =>
  bucket.at + Math.ceil((capacity * MICROTOKENS - bucket.microtokens) / refillPerSecond / 1000);
