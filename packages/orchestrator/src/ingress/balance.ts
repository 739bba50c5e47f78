/** How ingress picks the replica of a request. */
export const BALANCES = ['round-robin', 'least-connections', 'latency'] as const;
export type Balance = (typeof BALANCES)[number];

/** What decides about one replica. */
export interface Candidate {
  readonly replicaId: string;
  /** Requests that are there now. */
  readonly inFlight: number;
  /** Moving average of the time to the first byte, ms; 0 = not known yet. */
  readonly latencyMs: number;
  /** How often it was picked. */
  readonly picked: number;
}

/**
 * Picks one. round-robin: the one that was picked least often. least-connections: the one with fewest requests.
 * latency: the one that is likely to answer first, its latency times those before it in the queue. Undefined of none.
 */
export function pick<C extends Candidate>(candidates: readonly C[], balance: Balance): C | undefined {
  const cost = COSTS[balance];
  let best: C | undefined;
  for (const one of candidates) {
    if (best === undefined || compare(one, best, cost) < 0) best = one;
  }
  return best;
}

/** Turns decide between equals. */
const compare = (one: Candidate, other: Candidate, cost: (of: Candidate) => number): number =>
  cost(one) - cost(other) || one.picked - other.picked;

const COSTS: Record<Balance, (of: Candidate) => number> = {
  'round-robin': () => 0,
  'least-connections': ({ inFlight }) => inFlight,
  latency: ({ inFlight, latencyMs }) => latencyMs * (inFlight + 1),
};

/** The average with one more answer: about the last ten count. */
export const averageLatency = (averageMs: number, ms: number): number =>
  averageMs === 0 ? ms : averageMs * 0.9 + ms * 0.1;
