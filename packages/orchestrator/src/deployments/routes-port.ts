import type { AppSpec } from '@rios/sdk/schema/app';
import type { DeploymentState } from '@rios/sdk/schema/deployment';

/** Where ingress sends requests for an application. */
export interface AppRoute {
  readonly deploymentId: string;
  readonly name: string;
  readonly accountId: string;
  readonly state: DeploymentState;
  /** For people: why nothing serves, when nothing does. */
  readonly reason: string;
  readonly access: AppSpec['access'];
  /** The first declared port; null = it declares none, so that nothing reaches it. */
  readonly port: number | null;
  /** Replicas that are healthy and not draining. */
  readonly targets: readonly AppTarget[];
}

export interface AppTarget {
  readonly replicaId: string;
  /** Peer id. */
  readonly workerId: string;
  readonly port: number;
}

/** What ingress asks of the deployments. */
export interface AppRoutes {
  /** In memory: cheap enough for each request. The same object while nothing changes. */
  find(name: string): AppRoute | undefined;
  /** Resolves when something may have changed, after `timeoutMs` at the latest: for who waits for a target. */
  changed(timeoutMs: number): Promise<void>;
  /** A request waits for an application that sleeps: starts a replica of it. Never throws; often called, acts once. */
  wake(deploymentId: string): void;
}

/** What ingress here saw of one deployment. */
export interface AppFigures {
  /** Requests under way, without those that wait. */
  readonly inFlight: number;
  /** Requests that wait for a replica. */
  readonly waiting: number;
  /** Of the last seconds; 0 without requests. */
  readonly p95Ms: number;
  /** Of the last minute. */
  readonly requests: number;
  readonly errors: number;
}

/** What the autoscaler and drains read of ingress. */
export interface IngressFigures {
  /** By deployment id; those without any request of late may be left out. */
  read(): ReadonlyMap<string, AppFigures>;
  /** Requests and open connections to a replica by this ingress. */
  inFlightOf(replicaId: string): number;
}

/** Of an orchestrator without ingress. */
export const NO_FIGURES: IngressFigures = { read: () => new Map(), inFlightOf: () => 0 };
