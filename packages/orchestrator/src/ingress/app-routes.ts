import type { AppSpec } from '@rios/sdk/schema/app';
import type { DeploymentState } from '@rios/sdk/schema/deployment';

/** One container that may get requests. */
export interface AppTarget {
  readonly replicaId: string;
  /** Peer id. */
  readonly workerId: string;
}

/** Where the requests of one application go. */
export interface AppRoute {
  readonly deploymentId: string;
  readonly accountId: string;
  readonly access: AppSpec['access'];
  /** The first declared port; null = it declares none, so nobody reaches it. */
  readonly port: number | null;
  readonly state: DeploymentState;
  /** Healthy replicas of the release that serves; those that drain are not among them. */
  readonly targets: readonly AppTarget[];
}

/** The routing table that ingress reads for each request: in memory, kept by the deployment loop. */
export interface AppRoutes {
  /** By the application's name; undefined = there is none. */
  find(name: string): AppRoute | undefined;
  /** A request waits for an application that has no replica. Cheap: called again while it waits. */
  wake(name: string): void;
}
