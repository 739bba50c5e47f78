import type { AppFigures } from '../ingress/figures.ts';
import type { LiveWorker } from '../p2p/live-worker.ts';
import { type AutoscaleState, autoscale, firstScale, type Load } from './autoscale.ts';
import { boundsOf, parseWanted } from './bounds.ts';
import { keyOfRelease } from './draft.ts';
import type { RoutedRows } from './routing-table.ts';

/** The autoscalers of all deployments, in the memory of the orchestrator that plans. */
export interface Scaler {
  /** Deployment id -> replicas that are wanted now. */
  wanted(): ReadonlyMap<string, number>;
  /** Looks at the load of all that may scale; true when another count is wanted than before. */
  step(rows: RoutedRows, workers: readonly LiveWorker[], now: number): boolean;
  /** Forgets what it was about: another orchestrator plans. */
  reset(): void;
}

/** @param figuresOf what every ingress saw of a deployment */
export function createScaler(figuresOf: (deploymentId: string) => AppFigures): Scaler {
  let states: ReadonlyMap<string, AutoscaleState> = new Map();
  return {
    wanted: () => new Map([...states].map(([id, { wanted }]) => [id, wanted])),
    step: (rows, workers, now) => {
      const next = new Map<string, AutoscaleState>();
      let changed = false;
      for (const { deployment, release } of scalable(rows)) {
        const bounds = boundsOf(release.spec, deployment.scale);
        const stored = parseWanted(deployment.autoscaleJson);
        const first = firstScale(bounds);
        const known =
          states.get(deployment.id) ?? (stored === undefined ? first : { ...first, wanted: stored });
        const load = loadOf(deployment.id, release.number, {
          rows,
          workers,
          figures: figuresOf(deployment.id),
        });
        const state = autoscale(known, { rule: release.spec.autoscale, bounds, load, now });
        changed ||= state.wanted !== (stored ?? first.wanted);
        next.set(deployment.id, state);
      }
      states = next;
      return changed;
    },
    reset: () => {
      states = new Map();
    },
  };
}

/** Deployments that run and may have more or fewer replicas, with the release that serves. */
function scalable({ deployments, releases }: RoutedRows) {
  const known = new Map(releases.map((one) => [keyOfRelease(one.deploymentId, one.number), one]));
  return deployments.flatMap((deployment) => {
    const { id, wish, activeRelease, scale } = deployment;
    if (wish !== 'run' || activeRelease === null) return [];
    const release = known.get(keyOfRelease(id, activeRelease));
    if (release === undefined) return [];
    const { min, max } = boundsOf(release.spec, scale);
    return min === max ? [] : [{ deployment, release }];
  });
}

function loadOf(
  deploymentId: string,
  release: number,
  seen: { rows: RoutedRows; workers: readonly LiveWorker[]; figures: AppFigures },
): Load {
  const mine = seen.rows.replicas.filter(
    (one) => one.deploymentId === deploymentId && one.release === release && one.wish === 'run',
  );
  const byWorker = new Map(seen.workers.map((worker) => [worker.peerId, worker]));
  const healthy = mine.flatMap(({ id, workerId, attempt }) => {
    const replicas = byWorker.get(workerId)?.containers?.replicas ?? [];
    const found = replicas.find((one) => one.id === id && one.attempt === attempt);
    return found?.state === 'healthy' ? [found] : [];
  });
  const shares = healthy.flatMap(({ cpuPercent }) => cpuPercent ?? []);
  const { inFlight, waiting, p95Ms } = seen.figures;
  return {
    inFlight,
    waiting,
    p95Ms,
    cpuPercent: shares.length === 0 ? null : shares.reduce((sum, share) => sum + share, 0) / shares.length,
    healthy: healthy.length,
  };
}
