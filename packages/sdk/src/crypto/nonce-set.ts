import type { Clock } from '../clock.ts';
import { CLOCK_TOLERANCE_MS } from './network.ts';

/** Remembers nonces until they expire, so that a ticket works once. */
export interface NonceSet {
  readonly size: number;
  /** True the first time. False when seen before, or when the set is full: then nothing new is let in. */
  add(nonce: string, expiresAt: number): boolean;
}

/** A nonce set of at most `maxEntries` unexpired nonces. */
export function createNonceSet(clock: Clock, maxEntries = 100_000): NonceSet {
  const expiries = new Map<string, number>();
  const prune = (now: number) => {
    for (const [nonce, expiresAt] of expiries) {
      if (expiresAt + CLOCK_TOLERANCE_MS < now) expiries.delete(nonce);
    }
  };
  return {
    get size() {
      return expiries.size;
    },
    add(nonce, expiresAt) {
      if (expiries.has(nonce)) return false;
      if (expiries.size >= maxEntries) prune(clock.now());
      if (expiries.size >= maxEntries) return false;
      expiries.set(nonce, expiresAt);
      return true;
    },
  };
}
