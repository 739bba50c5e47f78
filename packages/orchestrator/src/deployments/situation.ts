import type { AppSpec } from '@rios/sdk/schema/app';
import type { ContainerOffer, ObservedReplica } from '@rios/sdk/schema/container';
import type { DeploymentState, ReleaseState } from '@rios/sdk/schema/deployment';
import type { WorkerState } from '../store/database.ts';
import type { AutoscaleState } from './autoscale.ts';

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

export interface DeploymentFacts {
  readonly id: string;
  readonly name: string;
  readonly accountId: string;
  readonly state: DeploymentState;
  readonly reason: string;
  readonly wish: 'run' | 'stop' | 'pause' | 'delete';
  readonly activeRelease: number | null;
  readonly latestRelease: number;
  readonly scale: Scale;
  readonly restartCount: number;
  readonly autoscale: AutoscaleState | null;
  readonly createdAt: number;
}

/** What `scale` set in place of the spec's bounds. */
export interface Scale {
  readonly replicas?: number | undefined;
  readonly min?: number | undefined;
  readonly max?: number | undefined;
}

export interface ReleaseFacts {
  readonly deploymentId: string;
  readonly number: number;
  readonly state: ReleaseState;
  readonly reason: string;
  readonly spec: AppSpec;
  readonly rollbackOf: number | null;
  readonly createdAt: number;
  /** When it first was the active one. */
  readonly healthyAt: number | null;
}

export type Prices = ContainerOffer['prices'];

/** A row of `replicas`. */
export interface ReplicaFacts {
  readonly id: string;
  readonly deploymentId: string;
  readonly release: number;
  readonly workerId: string;
  readonly wish: 'run' | 'drain' | 'remove';
  readonly attempt: number;
  readonly restarts: number;
  readonly retryAt: number | null;
  readonly prices: Prices;
  readonly ticketNonce: string;
  readonly startedAt: number | null;
  readonly healthyAt: number | null;
  readonly drainUntil: number | null;
  readonly restartCount: number;
  readonly createdAt: number;
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
  readonly deployments: readonly DeploymentFacts[];
  readonly releases: readonly ReleaseFacts[];
  readonly replicas: readonly ReplicaFacts[];
  readonly hosts: readonly Host[];
  /** Worker id -> the newest wish that was written for it. */
  readonly wishes: ReadonlyMap<string, WishHead>;
  readonly avoid: readonly Avoidance[];
  /** The highest asks that may be paid. */
  readonly mostPrices: Prices;
  /** Whether no request is under way to a replica, as far as is known; false when it is not. */
  readonly isIdle: (replicaId: string) => boolean;
  /** Makes ids and nonces. */
  readonly newReplica: () => Pick<ReplicaFacts, 'id' | 'ticketNonce'>;
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
  readonly deployments: readonly DeploymentFacts[];
  /** Those that change, whole. */
  readonly releases: readonly ReleaseFacts[];
  /** New and changed ones, whole. */
  readonly replicas: readonly ReplicaFacts[];
  /** Ids of replicas that are gone. */
  readonly gone: readonly string[];
  /** Ids of deployments of which nothing is left. */
  readonly deleted: readonly string[];
  /** Worker id -> what it shall run, for every connected worker that takes containers, or has a wish. */
  readonly wishes: ReadonlyMap<string, readonly ReplicaFacts[]>;
  readonly events: readonly DeploymentEvent[];
  readonly avoid: readonly Avoidance[];
  /** When to plan again though nothing changes; undefined = never. */
  readonly nextAt: number | undefined;
}
