import type { Clock } from '@rios/sdk/clock';
import type { Log } from '@rios/sdk/log';
import type { AppFigures, Figures } from '../ingress/figures.ts';
import type { Planner } from '../loop/planner.ts';
import type { LiveWorker } from '../p2p/live-worker.ts';
import { repeat } from '../services/repeat.ts';
import type { Store } from '../store/store.ts';
import type { RoutingTable } from './routing-table.ts';
import { createScaler } from './scaler.ts';
import { ALONE, createSharedFigures } from './shared-figures.ts';
import { createWaking } from './waking.ts';

/** Loads are looked at this often. */
const EVERY_MS = 1_000;

/** Looks at the load of all applications, each second, and tells when other numbers of replicas are wanted. */
export interface LoadWatch {
  /** Deployment id -> replicas that are wanted, of those that scale. */
  wanted(): ReadonlyMap<string, number>;
  /** Whether no request of a deployment is under way; false when another orchestrator may have one. */
  isIdle(deploymentId: string): boolean;
  /** A request waits for an application that sleeps. Never throws. */
  wake(deploymentId: string): void;
  /** Another orchestrator plans: what was seen so far counts no more. */
  forget(): void;
  start(): void;
  stop(): Promise<void>;
}

export interface LoadWatchModules {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  /** Peer id of this orchestrator. */
  readonly self: string;
  readonly shared: boolean;
  readonly planner: Pick<Planner, 'plans'>;
  readonly figures: Pick<Figures, 'read'>;
  readonly table: Pick<RoutingTable, 'rows'>;
  readonly workers: () => readonly LiveWorker[];
  /** Other numbers are wanted: queues an evaluation. */
  readonly onChange: () => Promise<void>;
}

export function createLoadWatch(modules: LoadWatchModules): LoadWatch {
  const { store, clock, log, self, shared, planner, table, workers } = modules;
  const waking = createWaking(modules);
  const sharing = shared ? createSharedFigures(store, self) : ALONE;
  const scaler = createScaler((id) => sharing.join(id, waking.figuresOf(id)));
  const seenHere = (): ReadonlyMap<string, AppFigures> =>
    new Map(table.rows().deployments.map(({ id }) => [id, waking.figuresOf(id)]));
  const look = async () => {
    if (!planner.plans) return sharing.publish(seenHere());
    await sharing.refresh();
    if (scaler.step(table.rows(), workers(), clock.now())) await modules.onChange();
  };
  const onError = (error: unknown) =>
    log.error('the load of applications was not looked at', { error: String(error) });
  let stop = async () => {};
  return {
    wanted: scaler.wanted,
    isIdle: (deploymentId) => !shared && waking.figuresOf(deploymentId).inFlight === 0,
    wake: (deploymentId) => {
      if (waking.ask(deploymentId)) look().catch(onError);
    },
    forget: scaler.reset,
    start: () => {
      stop = repeat(clock, EVERY_MS, look, onError);
    },
    stop: () => stop(),
  };
}
