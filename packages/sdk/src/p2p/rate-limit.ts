import type { Clock } from '../clock.ts';

/** How often one key may do something: `burst` at once, then `perSecond`. */
export interface RateLimit {
  readonly burst: number;
  readonly perSecond: number;
}

/** Token buckets by key, at most `maxKeys` of them (the longest unused is forgotten). */
export function createRateLimiter(limit: RateLimit, clock: Clock, maxKeys = 10_000) {
  const buckets = new Map<string, { tokens: number; at: number }>();
  return {
    /** Takes one token. False when the bucket is empty. */
    allow(key: string): boolean {
      const now = clock.now();
      const bucket = buckets.get(key) ?? { tokens: limit.burst, at: now };
      const gained = (Math.max(0, now - bucket.at) / 1000) * limit.perSecond;
      const tokens = Math.min(limit.burst, bucket.tokens + gained);
      buckets.delete(key);
      buckets.set(key, { tokens: tokens < 1 ? tokens : tokens - 1, at: now });
      const oldest = buckets.size > maxKeys ? buckets.keys().next().value : undefined;
      if (oldest !== undefined) buckets.delete(oldest);
      return tokens >= 1;
    },
  };
}

/** What a remote host is counted as: an IPv4 address, or the /64 of an IPv6 address, which one owner has whole. */
export function networkOf(host: string): string {
  if (!host.includes(':')) return host;
  const [left = '', right] = host.split('::');
  const head = left.split(':').filter(Boolean);
  const tail = right?.split(':').filter(Boolean) ?? [];
  const gap =
    right === undefined ? [] : new Array<string>(Math.max(0, 8 - head.length - tail.length)).fill('0');
  return [...head, ...gap, ...tail].slice(0, 4).join(':');
}
