import type { AppSpec } from '@rios/sdk/schema/app';
import type { ObservedReplica } from '@rios/sdk/schema/container';
import type { DeploymentView, ReleaseView, ReplicaView } from '@rios/sdk/schema/deployment';
import { hourlyPrice } from '../../deployments/hourly-price.ts';
import { wantedReplicas } from '../../deployments/wanted-replicas.ts';
import type { DeploymentRecord } from '../../store/deployments.ts';
import type { ReleaseRecord } from '../../store/releases.ts';
import type { ReplicaRecord } from '../../store/replicas.ts';

/** What a deployment's view is made of. */
export interface DeploymentFacts {
  readonly deployment: DeploymentRecord;
  /** The latest and, if there is one, the active release; of replicas of others only the size is not known. */
  readonly releases: readonly ReleaseRecord[];
  readonly replicas: readonly ReplicaRecord[];
  /** What workers say of their containers, by replica. */
  readonly observed: ReadonlyMap<string, ObservedReplica>;
  /** Names of workers by peer id. */
  readonly workerNames: ReadonlyMap<string, string>;
  readonly url: string;
  /** Of the latest release. */
  readonly spec: AppSpec;
}

/** A deployment as its owner sees it. Pure. */
export function deploymentViewOf(facts: DeploymentFacts): DeploymentView {
  const { deployment, spec, url } = facts;
  const replicas = facts.replicas.map((replica) => replicaViewOf(replica, facts));
  const serves = (view: ReplicaView) =>
    view.state === 'healthy' && view.release === (deployment.activeRelease ?? deployment.latestRelease);
  return {
    id: deployment.id,
    name: deployment.name,
    state: deployment.state,
    reason: deployment.reason,
    url,
    activeRelease: deployment.activeRelease,
    latestRelease: deployment.latestRelease,
    wanted: wantedReplicas(deployment, spec),
    healthy: replicas.filter(serves).length,
    replicas,
    spec,
    createdAt: deployment.createdAt,
    updatedAt: deployment.updatedAt,
  };
}

function replicaViewOf(replica: ReplicaRecord, facts: DeploymentFacts): ReplicaView {
  const seen = facts.observed.get(replica.id);
  const release = facts.releases.find(({ number }) => number === replica.release);
  const { resources } = release?.spec ?? facts.spec;
  return {
    id: replica.id,
    release: replica.release,
    worker: replica.workerId,
    workerName: facts.workerNames.get(replica.workerId) ?? null,
    state: stateOf(replica, seen),
    reason: reasonOf(replica, seen),
    sandbox: seen?.sandbox ?? null,
    exitCode: seen?.exitCode ?? null,
    restarts: replica.restarts,
    retryAt: replica.retryAt,
    startedAt: seen?.startedAt ?? replica.startedAt,
    cpuPercent: seen?.cpuPercent ?? null,
    memoryBytes: seen?.memoryBytes ?? null,
    priceWei: String(hourlyPrice(resources, replica.prices)),
  };
}

function stateOf({ wish }: ReplicaRecord, seen: ObservedReplica | undefined): ReplicaView['state'] {
  return wish === 'run' ? (seen?.state ?? 'waiting') : 'stopping';
}

function reasonOf({ wish }: ReplicaRecord, seen: ObservedReplica | undefined): string {
  if (seen?.error !== undefined && seen.error !== null) return `${seen.error.code}: ${seen.error.message}`;
  if (wish === 'drain') return 'it gets no new requests, and goes';
  if (wish === 'remove') return 'it is being removed';
  return seen === undefined ? 'its worker has not told of it yet' : '';
}

/** A release as its owner sees it. Pure. */
export const releaseViewOf = (release: ReleaseRecord): ReleaseView => ({
  number: release.number,
  state: release.state,
  reason: release.reason,
  digest: digestOf(release.spec),
  createdAt: release.createdAt,
  createdBy: release.createdBy,
  rollbackOf: release.rollbackOf,
});

const digestOf = ({ source }: AppSpec): string =>
  source.kind === 'image'
    ? source.image.slice(source.image.indexOf('@') + 1)
    : `sha256:${source.file.sha256}`;
