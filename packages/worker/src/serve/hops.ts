/** Round trips kept per peer; older ones are overwritten. */
const KEPT = 4096;

/** Times of calls by peer, milliseconds. */
export interface Hops {
  add(peerId: string, ms: number): void;
  /** Median and 95th percentile; zeros for a peer never asked. */
  of(peerId: string): { readonly hopMsP50: number; readonly hopMsP95: number };
}

/** Measures by nearest rank over the last calls of each peer. */
export function createHops(): Hops {
  const times = new Map<string, { values: number[]; next: number }>();
  return {
    add(peerId, ms) {
      const ring = times.get(peerId) ?? { values: [], next: 0 };
      times.set(peerId, ring);
      ring.values[ring.next % KEPT] = ms;
      ring.next++;
    },
    of(peerId) {
      const sorted = [...(times.get(peerId)?.values ?? [])].sort((a, b) => a - b);
      return { hopMsP50: percentile(sorted, 0.5), hopMsP95: percentile(sorted, 0.95) };
    },
  };
}

function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0;
}
