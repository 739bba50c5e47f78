import type { ContainerOffer, ObservedReplica } from '@rios/sdk/schema/container';
import type { WorkerState } from '../store/database.ts';
import type { DeploymentRecord } from '../store/deployments.ts';
import type { ReleaseRecord } from '../store/releases.ts';
import type { ContainerPrices, ReplicaRecord } from '../store/replicas.ts';

/** A worker as the planner of containers sees it. */
export interface Host {
  readonly peerId: string;
  readonly name: string;
  readonly region: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly state: WorkerState;
  /** X25519 public key, base64url: environments are sealed to it. */
  readonly sealingKey: string;
  /** Null = it takes no containers; `noOffer` says why. */
  readonly offer: ContainerOffer | null;
  readonly noOffer: string;
  /** Its newest report; null before the first on this link. */
  readonly report: HostReport | null;
}

/** What a worker says of its containers. */
export interface HostReport {
  /** Of the wish that it follows. */
  readonly generation: number;
  readonly replicas: readonly ObservedReplica[];
}

/** A worker that a deployment's container could not be started on: it gets none of it for a while. */
export interface Avoidance {
  readonly deploymentId: string;
  readonly workerId: string;
  readonly until: number;
}

/** Everything that the planner of deployments looks at. */
export interface DeploymentSituation {
  readonly now: number;
  readonly deployments: readonly DeploymentRecord[];
  readonly releases: readonly ReleaseRecord[];
  readonly replicas: readonly ReplicaRecord[];
  readonly hosts: readonly Host[];
  /** Worker id -> the newest wish that was written for it. */
  readonly wishes: ReadonlyMap<string, WishHead>;
  /** Deployment id -> replicas that the autoscaler wants; left out = its rule has not been applied yet. */
  readonly wanted: ReadonlyMap<string, number>;
  readonly avoid: readonly Avoidance[];
  /** The highest asks that may be paid. */
  readonly mostPrices: ContainerPrices;
  /** Whether no request of a deployment is under way; false when that is not known. */
  readonly isIdle: (deploymentId: string) => boolean;
  /** Makes ids and nonces. */
  readonly newReplica: () => Pick<ReplicaRecord, 'id' | 'ticketNonce'>;
}

export interface WishHead {
  readonly generation: number;
  /** Replica id -> attempt. */
  readonly replicas: ReadonlyMap<string, number>;
}

/** An event of a deployment, for its account. */
export interface DeploymentEvent {
  readonly kind: string;
  /** Name of the deployment. */
  readonly subject: string;
  readonly message: string;
  readonly accountId: string;
}

/** What is to be done. Carrying it out twice changes nothing. */
export interface DeploymentsPlan {
  /** Those that change, whole. */
  readonly deployments: readonly DeploymentRecord[];
  /** Those that change, whole. */
  readonly releases: readonly ReleaseRecord[];
  /** New and changed ones, whole. */
  readonly replicas: readonly ReplicaRecord[];
  /** Ids of replicas that are gone. */
  readonly gone: readonly string[];
  /** Ids of deployments of which nothing is left. */
  readonly deleted: readonly string[];
  /** Worker id -> what it shall run, for every connected worker that takes containers, or has a wish. */
  readonly wishes: ReadonlyMap<string, readonly ReplicaRecord[]>;
  readonly events: readonly DeploymentEvent[];
  readonly avoid: readonly Avoidance[];
  /** When to plan again though nothing changes; undefined = never. */
  readonly nextAt: number | undefined;
}
