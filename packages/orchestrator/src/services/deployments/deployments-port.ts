import type { Clock } from '@rios/sdk/clock';
import type { AppSpec } from '@rios/sdk/schema/app';
import type { DeploymentMetrics, DeploymentPlan } from '@rios/sdk/schema/deployment';
import type { Link } from '@rios/sdk/wire/link';
import type { Store } from '../../store/store.ts';
import type { Blobs } from '../blobs.ts';
import type { AppSecrets } from './app-secrets.ts';

/** The loop that makes wishes so, as the service sees it. */
export interface DeploymentPlanner {
  /** An evaluation of DEPLOYMENTS_KEY was queued. */
  wake(): void;
  /** Where the replicas of a release would go now, and why not elsewhere; changes nothing. */
  preview(wish: AppWish): Promise<DeploymentPlan>;
}

export interface AppWish {
  readonly accountId: string;
  readonly name: string;
  readonly spec: AppSpec;
}

/** What ingress here saw of one deployment in the last minute. */
export type AppTraffic = Omit<DeploymentMetrics, 'replicas'>;

export interface DeploymentModules {
  readonly store: Store;
  readonly clock: Clock;
  readonly blobs: Pick<Blobs, 'holders' | 'collect'>;
  readonly secrets: AppSecrets;
  readonly planner: DeploymentPlanner;
  /** A link to a worker's /rios/app/1, whoever has its control link. @throws RiosError PEER_UNREACHABLE */
  readonly openApp: (workerId: string) => Promise<Link>;
  /** Undefined when no ingress runs here. */
  readonly trafficOf: (deploymentId: string) => AppTraffic | undefined;
  /** Where an application is reached; empty when there is no ingress. */
  readonly urlOf: (name: string) => string;
}
