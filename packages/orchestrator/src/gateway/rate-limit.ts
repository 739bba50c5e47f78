import type { ServerResponse } from 'node:http';
import type { RateClass } from '@rios/sdk/api/route';
import type { Clock } from '@rios/sdk/clock';
import { RiosError } from '@rios/sdk/errors/error';
import type { Cache } from '../cache/cache.ts';

/** `burst` calls at once, then `perSecond`; whole numbers above 0. */
export interface RateLimit {
  readonly burst: number;
  readonly perSecond: number;
}

export const DEFAULT_RATE: RateLimit = { burst: 100, perSecond: 10 };

/** Routes of class `bulk` may be called this much more often. */
const BULK_FACTOR = 10;

/** What the X-RateLimit headers say. */
export interface RateState {
  readonly limit: number;
  readonly remaining: number;
  /** When the bucket is full again, seconds since 1970. */
  readonly resetAt: number;
  /** Until one more call is let through (ms); 0 when this one was. */
  readonly retryAfterMs: number;
}

/** What a call is counted on: the account of a valid token, else the address that it came from. */
export type RateSubject = `account:${string}` | `address:${string}`;

export interface RateLimiter {
  /** Counts one call of `subject`; undefined for routes that are not counted. @throws SERVICE_UNAVAILABLE */
  take(
    rateClass: RateClass,
    subject: RateSubject,
  ): Promise<{ readonly allowed: boolean; readonly state: RateState } | undefined>;
}

/** Counts calls on token buckets in memory, or in the Redis that several orchestrators share. */
export function createRateLimiter(
  { cache, clock }: { readonly cache: Pick<Cache, 'take'>; readonly clock: Clock },
  rate: RateLimit = DEFAULT_RATE,
): RateLimiter {
  return {
    take: async (rateClass, subject) => {
      if (rateClass === 'none') return undefined;
      const factor = rateClass === 'bulk' ? BULK_FACTOR : 1;
      const limit = rate.burst * factor;
      const perSecond = rate.perSecond * factor;
      const now = clock.now();
      const bucket = { capacity: limit, refillPerSecond: perSecond };
      const { allowed, remaining, retryAfterMs } = await cache.take(
        `rate:${rateClass}:${subject}`,
        bucket,
        now,
      );
      const resetAt = Math.ceil(now / 1000 + (limit - remaining) / perSecond);
      return { allowed, state: { limit, remaining, resetAt, retryAfterMs: allowed ? 0 : retryAfterMs } };
    },
  };
}

/** Retry-After counts in whole seconds. */
export const wholeSeconds = (ms: number): number => Math.max(1, Math.ceil(ms / 1000));

/** The refusal of one call too many. */
export function tooManyCalls({ limit, retryAfterMs }: RateState): RiosError {
  return new RiosError('QUOTA_RATE', `more than ${limit} calls in too short a time`, {
    hint: `Wait ${wholeSeconds(retryAfterMs)} s.`,
    details: { retryAfterMs },
  });
}

/** What the caller is told of its bucket. */
export function setRateHeaders(response: ServerResponse, { limit, remaining, resetAt }: RateState): void {
  response.setHeader('x-ratelimit-limit', limit);
  response.setHeader('x-ratelimit-remaining', remaining);
  response.setHeader('x-ratelimit-reset', resetAt);
}
