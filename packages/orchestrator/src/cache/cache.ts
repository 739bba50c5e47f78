/** What one asking of a token bucket came to. */
export interface TokenGrant {
  readonly allowed: boolean;
  /** Whole tokens left. */
  readonly remaining: number;
  /** Until the next token, 0 when one is left. */
  readonly retryAfterMs: number;
}

/** A bucket holds `capacity` tokens and gains `refillPerSecond`; both are whole numbers above 0. */
export interface BucketRate {
  readonly capacity: number;
  readonly refillPerSecond: number;
}

/**
 * Short-lived values that may be lost: a cache, counters and token buckets, in memory or in a Redis that several
 * orchestrators share. Keys and values are any text. Values live `ttlMs` (1 or more). Every function throws
 * SERVICE_UNAVAILABLE (retryable) while Redis is away, and works again when it is back.
 */
export interface Cache {
  get(key: string): Promise<string | undefined>;
  set(key: string, value: string, ttlMs: number): Promise<void>;
  /** Sets it unless it is there; false when it is. Of several callers at once, one gets true. */
  add(key: string, value: string, ttlMs: number): Promise<boolean>;
  /** True when it was there. */
  delete(key: string): Promise<boolean>;
  /** Adds `by` to a counter and gives its new value. A counter starts at 0 and ends `ttlMs` after its first change. */
  increment(key: string, by: number, ttlMs: number): Promise<number>;
  /**
   * Takes a token if one is left; the bucket is full at first. `now` (milliseconds) counts in memory only:
   * orchestrators that share a Redis go by its clock, whatever their own say.
   */
  take(key: string, rate: BucketRate, now: number): Promise<TokenGrant>;
  /** Idempotent. */
  stop(): Promise<void>;
}
