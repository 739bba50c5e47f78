import type { Clock } from '@rios/sdk/clock';
import type { Log } from '@rios/sdk/log';
import { repeat } from '../services/repeat.ts';
import { acquireLease, asHolder, type Lease, NOT_HELD, releaseLease, seizeLease } from '../store/leases.ts';
import type { Store } from '../store/store.ts';

/** Who does not renew the lease for this long plans no more; another takes over. */
export const PLANNER_TTL_MS = 5_000;
const RENEW_MS = 1_000;
/** Nobody else could take over in a store with one owner, so that one does not write it each second. */
const SOLE_TTL_MS = 7 * 24 * 3_600_000;
const LEASE = 'planner';

/** Of the orchestrators that share a store one plans: the holder of a lease. */
export interface Planner {
  /** Whether this one plans, as far as it knows; only `perform` is sure. */
  readonly plans: boolean;
  /** Does `work` in one transaction of the one that plans; gives NOT_HELD, and writes nothing, when it is another. */
  perform<T>(work: (tx: Store) => Promise<T>): Promise<T | typeof NOT_HELD>;
  /** Takes the lease if it is free, and from now on as soon as it becomes so. */
  start(): Promise<void>;
  /** Gives the lease back, so that another takes over at once. Idempotent. */
  stop(): Promise<void>;
}

export interface PlannerModules {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  /** Peer id of this orchestrator. */
  readonly self: string;
  /** Whether other orchestrators write the store too. */
  readonly shared: boolean;
  /** This one begins to plan: what others had begun is its to finish. */
  readonly onGain: () => void;
}

export function createPlanner(modules: PlannerModules): Planner {
  const { store, clock, log, self, shared, onGain } = modules;
  let lease: Lease | undefined;
  let stopRenewing: (() => Promise<void>) | undefined;

  const note = (next: Lease | undefined) => {
    const before = lease;
    lease = next;
    if (before !== undefined && next?.token !== before.token) log.warn('the right to plan was lost');
    if (next === undefined || next.token === before?.token) return;
    log.info('this orchestrator plans', { token: next.token });
    onGain();
  };
  const renew = async () => {
    note(await acquireLease(store, LEASE, self, shared ? PLANNER_TTL_MS : SOLE_TTL_MS));
  };
  return {
    get plans() {
      return lease !== undefined;
    },
    perform: async (work) => {
      const held = lease;
      if (held === undefined) return NOT_HELD;
      const result = await asHolder(store, held, work);
      if (result === NOT_HELD && lease === held) {
        await renew().catch((error: unknown) =>
          log.warn('the right to plan is unknown', { error: String(error) }),
        );
      }
      return result;
    },
    start: async () => {
      if (!shared) return note(await seizeLease(store, LEASE, self, SOLE_TTL_MS));
      await renew();
      stopRenewing ??= repeat(clock, RENEW_MS, renew, (error) =>
        log.warn('the right to plan could not be renewed', { error: String(error) }),
      );
    },
    stop: async () => {
      await stopRenewing?.();
      const held = lease;
      lease = undefined;
      if (held !== undefined) await releaseLease(store, held);
    },
  };
}
