import type { Clock } from '@rios/sdk/clock';
import type { AppSpec } from '@rios/sdk/schema/app';
import type { DeploymentMetrics } from '@rios/sdk/schema/deployment';
import type { Link } from '@rios/sdk/wire/link';
import type { Store } from '../../store/store.ts';
import type { Blobs } from '../blobs.ts';
import type { AppSecrets } from './app-secrets.ts';

/** A release that somebody thinks of. */
export interface AppWish {
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
  /** Tells the loop that an evaluation of DEPLOYMENTS_KEY was queued. */
  readonly wake: () => void;
  /** A link to a worker's /rios/app/1, whoever has its control link. @throws RiosError PEER_UNREACHABLE */
  readonly openApp: (workerId: string) => Promise<Link>;
  /** Undefined when no ingress runs here. */
  readonly trafficOf: (deploymentId: string) => AppTraffic | undefined;
  /** Where an application is reached; empty when there is no ingress. */
  readonly urlOf: (name: string) => string;
}
