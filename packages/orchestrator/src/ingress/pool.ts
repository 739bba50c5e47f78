import type { Clock } from '@rios/sdk/clock';
import type { AppRoute, AppTarget } from './app-routes.ts';
import { averageLatency, type Balance, pick } from './balance.ts';
import { admits, afterFailure, type Circuit, CLOSED } from './breaker.ts';

/** A replica that was picked for one request. */
export interface Lease {
  readonly target: AppTarget;
  /** Its answer began, so many ms after the request. */
  answered(firstByteMs: number): void;
  /** It could not be reached, or ended before it answered. */
  failed(): void;
  /** The request is over. Idempotent. */
  end(): void;
}

/** What ingress knows of replicas by their answers. */
export interface Pool {
  /** Picks a replica of the route; those in `tried` only when there is no other one. Undefined of none. */
  take(route: AppRoute, tried: ReadonlySet<string>): Lease | undefined;
}

interface Replica {
  readonly target: AppTarget;
  readonly replicaId: string;
  inFlight: number;
  latencyMs: number;
  picked: number;
  circuit: Circuit;
}

/** Forgets replicas that are in no route any more once it knows this many. */
const MAX_KNOWN = 8192;

export function createPool({ clock, balance }: { clock: Clock; balance: Balance }): Pool {
  const known = new Map<string, Replica>();
  const of = (target: AppTarget, all: readonly AppTarget[]): Replica => {
    const found = known.get(target.replicaId);
    if (found !== undefined) return found;
    if (known.size >= MAX_KNOWN) forgetIdle(known);
    const replica = { target, replicaId: target.replicaId, inFlight: 0, latencyMs: 0, circuit: CLOSED };
    // a new one begins where its neighbours are: else it would get every request until it has caught up
    const picked = Math.max(0, ...all.map(({ replicaId }) => known.get(replicaId)?.picked ?? 0));
    const kept = { ...replica, picked };
    known.set(target.replicaId, kept);
    return kept;
  };
  return {
    take({ targets }, tried) {
      const now = clock.now();
      const all = targets.map((target) => of(target, targets));
      const fresh = all.filter(({ replicaId }) => !tried.has(replicaId));
      const open = fresh.filter(({ circuit, inFlight }) => admits(circuit, inFlight, now));
      // when none is well, one that was taken out is better than no answer
      const chosen = pick(open, balance) ?? pick(fresh, balance) ?? pick(all, balance);
      return chosen && lease(chosen, clock);
    },
  };
}

function lease(replica: Replica, clock: Clock): Lease {
  replica.inFlight += 1;
  replica.picked += 1;
  let over = false;
  return {
    target: replica.target,
    answered(firstByteMs) {
      replica.latencyMs = averageLatency(replica.latencyMs, firstByteMs);
      replica.circuit = CLOSED;
    },
    failed() {
      replica.circuit = afterFailure(replica.circuit, clock.now());
    },
    end() {
      if (!over) replica.inFlight -= 1;
      over = true;
    },
  };
}

function forgetIdle(known: Map<string, Replica>): void {
  for (const [id, { inFlight }] of known) if (inFlight === 0) known.delete(id);
}
