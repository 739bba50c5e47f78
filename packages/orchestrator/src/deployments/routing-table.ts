import type { AppRoute, AppTarget } from '../ingress/app-routes.ts';
import type { LiveWorker } from '../p2p/live-worker.ts';
import { type DeploymentRecord, listDeployments } from '../store/deployments.ts';
import { listCurrentReleases, type ReleaseRecord } from '../store/releases.ts';
import { listReplicas, type ReplicaRecord } from '../store/replicas.ts';
import type { Store } from '../store/store.ts';
import { keyOfRelease } from './draft.ts';
import { getsRequests } from './rollout.ts';

/** What the routes are made of, as the store says. */
export interface RoutedRows {
  readonly deployments: readonly DeploymentRecord[];
  readonly releases: readonly ReleaseRecord[];
  readonly replicas: readonly ReplicaRecord[];
}

/** Where requests go, in memory: rows as last read, and what workers say now. */
export interface RoutingTable {
  find(name: string): AppRoute | undefined;
  rows(): RoutedRows;
  /** Reads the store anew. */
  refresh(): Promise<void>;
  /** What workers say has changed. */
  touch(): void;
}

export function createRoutingTable(store: Store, workers: () => readonly LiveWorker[]): RoutingTable {
  let rows: RoutedRows = { deployments: [], releases: [], replicas: [] };
  let routes: ReadonlyMap<string, AppRoute> | undefined;
  const current = () => {
    routes ??= buildRoutes(rows, workers());
    return routes;
  };
  const read = async () => {
    const deployments = await listDeployments(store);
    const isEmpty = deployments.length === 0;
    rows = {
      deployments,
      releases: isEmpty ? [] : await listCurrentReleases(store),
      replicas: isEmpty ? [] : await listReplicas(store),
    };
    routes = undefined;
  };
  /** One reading after the other: a slow one must not undo a later one. */
  let reading = Promise.resolve();
  return {
    find: (name) => current().get(name),
    rows: () => rows,
    refresh: () => {
      reading = reading.then(read, read);
      return reading;
    },
    touch: () => {
      routes = undefined;
    },
  };
}

/** By name: healthy replicas of releases that get requests, on workers that can be reached. Pure. */
export function buildRoutes(rows: RoutedRows, workers: readonly LiveWorker[]): Map<string, AppRoute> {
  const releases = new Map(rows.releases.map((one) => [keyOfRelease(one.deploymentId, one.number), one]));
  const healthy = healthyReplicas(workers);
  const targets = new Map<string, AppTarget[]>();
  for (const { id, deploymentId, release, workerId, wish, attempt } of rows.replicas) {
    const spec = releases.get(keyOfRelease(deploymentId, release));
    if (wish !== 'run' || spec === undefined || !getsRequests(spec)) continue;
    if (!healthy.has(`${workerId} ${id} ${attempt}`)) continue;
    const known = targets.get(deploymentId) ?? [];
    known.push({ replicaId: id, workerId });
    targets.set(deploymentId, known);
  }
  const toRoute = (deployment: DeploymentRecord): AppRoute => {
    const { id, accountId, state, activeRelease, latestRelease } = deployment;
    const spec = releases.get(keyOfRelease(id, activeRelease ?? latestRelease))?.spec;
    return {
      deploymentId: id,
      accountId,
      access: spec?.access ?? 'organisation',
      port: spec?.ports[0] ?? null,
      state,
      targets: targets.get(id) ?? [],
    };
  };
  return new Map(rows.deployments.map((deployment) => [deployment.name, toRoute(deployment)]));
}

/** What workers that are connected say is healthy of theirs: `<worker> <replica> <attempt>`. */
function healthyReplicas(workers: readonly LiveWorker[]): Set<string> {
  const connected = workers.filter(({ state }) => state !== 'lost' && state !== 'joining');
  const seen = connected.flatMap(({ peerId, containers }) =>
    (containers?.replicas ?? [])
      .filter(({ state }) => state === 'healthy')
      .map(({ id, attempt }) => `${peerId} ${id} ${attempt}`),
  );
  return new Set(seen);
}
