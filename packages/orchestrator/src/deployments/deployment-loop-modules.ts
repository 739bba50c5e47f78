import type { Clock } from '@rios/sdk/clock';
import type { Log } from '@rios/sdk/log';
import type { Figures } from '../ingress/figures.ts';
import type { Planner } from '../loop/planner.ts';
import type { LiveWorker } from '../p2p/live-worker.ts';
import type { TicketIssuer } from '../p2p/ticket-issuer.ts';
import type { AppSecrets } from '../services/deployments/app-secrets.ts';
import type { Store } from '../store/store.ts';

/** What the loop of deployments stands on. */
export interface DeploymentLoopModules {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  /** Peer id of this orchestrator. */
  readonly self: string;
  /** Whether other orchestrators write the store too. */
  readonly shared: boolean;
  readonly planner: Pick<Planner, 'plans' | 'perform'>;
  readonly tickets: Pick<TicketIssuer, 'fetch'>;
  /** Every worker of the network; those whose control link is here have it. */
  readonly workers: () => readonly LiveWorker[];
  /** Reads what other orchestrators wrote of theirs. */
  readonly refreshWorkers: () => Promise<void>;
  /** Environments, sealed to workers. */
  readonly secrets: Pick<AppSecrets, 'sealEnv'>;
  /** What ingress here sees. */
  readonly figures: Pick<Figures, 'read'>;
  /** Containers left a worker. */
  readonly onLeft: () => void;
}
