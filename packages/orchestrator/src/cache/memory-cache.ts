import type { Clock } from '@rios/sdk/clock';
import type { BucketRate, Cache, TokenGrant } from './cache.ts';
import { type Bucket, fullAt, takeToken } from './token-bucket.ts';

/** Entries at most; then the expired go, and if that is not enough the oldest. */
const MAX_ENTRIES = 100_000;
/** Looking for expired entries costs a walk over all, so it is done when this many are to be made room for. */
const SPARE_ENTRIES = MAX_ENTRIES / 10;

interface Entry<T> {
  readonly value: T;
  readonly endsAt: number;
}

/** A cache of this process alone; what it holds ends with it. */
export function createMemoryCache(clock: Clock): Cache {
  const values = createExpiring<string>();
  const counters = createExpiring<number>();
  const buckets = createExpiring<Bucket>();
  const take = (key: string, rate: BucketRate, now: number): TokenGrant => {
    const { bucket, grant } = takeToken(buckets.get(key, now), rate, now);
    buckets.set(key, { value: bucket, endsAt: fullAt(bucket, rate) }, now);
    return grant;
  };
  return {
    get: async (key) => values.get(key, clock.now()),
    set: async (key, value, ttlMs) => values.set(key, { value, endsAt: clock.now() + ttlMs }, clock.now()),
    add: async (key, value, ttlMs) => {
      const now = clock.now();
      if (values.get(key, now) !== undefined) return false;
      values.set(key, { value, endsAt: now + ttlMs }, now);
      return true;
    },
    delete: async (key) => values.delete(key, clock.now()),
    increment: async (key, by, ttlMs) => {
      const now = clock.now();
      const value = (counters.get(key, now) ?? 0) + by;
      counters.set(key, { value, endsAt: counters.endOf(key) ?? now + ttlMs }, now);
      return value;
    },
    take: async (key, rate, now) => take(key, rate, now),
    stop: async () => {},
  };
}

/** A map whose entries end, bounded in number. */
function createExpiring<T>() {
  const entries = new Map<string, Entry<T>>();
  const get = (key: string, now: number): T | undefined => {
    const entry = entries.get(key);
    if (entry === undefined || entry.endsAt > now) return entry?.value;
    entries.delete(key);
    return undefined;
  };
  return {
    get,
    endOf: (key: string) => entries.get(key)?.endsAt,
    delete: (key: string, now: number) => get(key, now) !== undefined && entries.delete(key),
    set: (key: string, entry: Entry<T>, now: number) => {
      if (entries.size >= MAX_ENTRIES && !entries.has(key)) makeRoom(entries, now);
      entries.set(key, entry);
    },
  };
}

function makeRoom<T>(entries: Map<string, Entry<T>>, now: number): void {
  for (const [key, { endsAt }] of entries) if (endsAt <= now) entries.delete(key);
  for (const key of entries.keys()) {
    if (entries.size <= MAX_ENTRIES - SPARE_ENTRIES) return;
    entries.delete(key);
  }
}
