import type { AppFigures } from '../ingress/figures.ts';
import { listAppFigures, replaceAppFigures, type StoredFigures } from '../store/app-figures.ts';
import type { Store } from '../store/store.ts';

/** Told longer ago, it says nothing of now. */
const MAX_AGE_MS = 5_000;

/** What the ingress of every orchestrator of a store sees, for the one that plans. */
export interface SharedFigures {
  /** Tells the others what is seen here; nothing is written while nothing is seen. */
  publish(figures: ReadonlyMap<string, AppFigures>): Promise<void>;
  /** Reads what the others told. */
  refresh(): Promise<void>;
  /** What is seen here and elsewhere together: requests summed, the longest p95. */
  join(deploymentId: string, here: AppFigures): AppFigures;
}

/** Of an orchestrator that has its store for itself. */
export const ALONE: SharedFigures = {
  publish: async () => {},
  refresh: async () => {},
  join: (_, here) => here,
};

/** @param self peer id of this orchestrator */
export function createSharedFigures(store: Store, self: string): SharedFigures {
  let others: readonly StoredFigures[] = [];
  let isTold = false;
  return {
    publish: async (figures) => {
      const used = [...figures]
        .filter(([, { inFlight, waiting, requests }]) => inFlight + waiting + requests > 0)
        .map(([deploymentId, { inFlight, waiting, p95Ms }]) => ({ deploymentId, inFlight, waiting, p95Ms }));
      if (used.length === 0 && !isTold) return;
      await replaceAppFigures(store, self, used);
      isTold = used.length > 0;
    },
    refresh: async () => {
      others = await listAppFigures(store, { except: self, maxAgeMs: MAX_AGE_MS });
    },
    join: (deploymentId, here) => {
      const told = others.filter((one) => one.deploymentId === deploymentId);
      const sum = (what: 'inFlight' | 'waiting') =>
        told.reduce((total, figures) => total + figures[what], here[what]);
      const p95Ms = Math.max(here.p95Ms, ...told.map((figures) => figures.p95Ms));
      return { ...here, inFlight: sum('inFlight'), waiting: sum('waiting'), p95Ms };
    },
  };
}
