import type { DeploymentState, ReleaseState } from '@rios/sdk/schema/deployment';

/** Tables of migration 096. Part of `Database`, with its rules: amounts are decimal wei of ROS, times ms. */
export interface DeploymentTables {
  deployments: DeploymentsTable;
  releases: ReleasesTable;
  replicas: ReplicasTable;
  container_wishes: ContainerWishesTable;
  container_usage: ContainerUsageTable;
  app_secrets: AppSecretsTable;
  app_figures: AppFiguresTable;
}

export interface DeploymentsTable {
  id: string;
  /** Unique in the network: its address is made of it. */
  name: string;
  account_id: string;
  state: DeploymentState;
  /** For people. */
  reason: string;
  /** What its owner (or the state of the account's money) asks for. */
  wish: 'run' | 'stop' | 'pause' | 'delete';
  /** The release that serves; null before the first was healthy. */
  active_release: number | null;
  latest_release: number;
  /** What `scale` set in place of the spec's: {replicas?, min?, max?}. */
  scale_json: string;
  /** Counts up with each restart that was asked for: replicas with a lower one are replaced. */
  restart_count: number;
  /** State of the autoscaler: {wanted, …}; `{}` = none yet. */
  autoscale_json: string;
  created_at: number;
  updated_at: number;
}

export interface ReleasesTable {
  deployment_id: string;
  number: number;
  state: ReleaseState;
  reason: string;
  /** AppSpec; secrets by name. */
  spec_json: string;
  /** Of the source's file, which stays as long as the release; null for an image. */
  file_sha256: string | null;
  rollback_of: number | null;
  /** An account. */
  created_by: string;
  created_at: number;
  healthy_at: number | null;
}

/** One container that is wanted, or was and is not gone yet. What is observed of it is in its worker's containers_json. */
export interface ReplicasTable {
  id: string;
  deployment_id: string;
  release: number;
  worker_id: string;
  /** drain: no new requests, removed after `drain_until`. remove: it goes; the row goes once its worker has none. */
  wish: 'run' | 'drain' | 'remove';
  /** Counts up with each start that the orchestrator asks for. */
  attempt: number;
  /** Starts after an end that nobody asked for. */
  restarts: number;
  /** It is started again at this time, not before. */
  retry_at: number | null;
  prices_json: string;
  ticket_nonce: string;
  started_at: number | null;
  /** When it was last seen to become healthy; null while it is not. */
  healthy_at: number | null;
  drain_until: number | null;
  restart_count: number;
  created_at: number;
}

/** The newest wish of each worker (DesiredContainers), as the planner wrote it. */
export interface ContainerWishesTable {
  worker_id: string;
  generation: number;
  replicas_json: string;
  updated_at: number;
}

/** What containers' time was metered and billed, for each ticket. */
export interface ContainerUsageTable {
  ticket_nonce: string;
  replica_id: string;
  deployment_id: string;
  account_id: string;
  /** Peer id. */
  worker: string;
  /** Name of the application: bills say `app:<name>`. */
  app: string;
  /** What it has and what is paid for it: a receipt must say the same. See store/container-usage.ts. */
  terms_json: string;
  /** When the ticket was first seen here: nothing that ran under it can have run for longer. */
  opened_at: number;
  /** The newest receipt, Signed; null before the first. */
  receipt_json: string | null;
  ran_ms: number;
  /** Of ran_ms, what has been billed. */
  billed_ms: number;
  /** Bills of this ticket so far: each is a request of its own in the ledger. */
  line: number;
  /** The ledger's hold for the time that runs now. */
  open_hold: string | null;
  held_wei: string;
  /** When that hold was made. */
  hold_at: number | null;
  /** When its replica was found to be gone. */
  gone_at: number | null;
  ended_at: number | null;
  updated_at: number;
}

/** What the ingress of each orchestrator last saw, where several share a store. */
export interface AppFiguresTable {
  /** Peer id. */
  orchestrator: string;
  deployment_id: string;
  in_flight: number;
  waiting: number;
  p95_ms: number;
  /** Store time. */
  at: number;
}

export interface AppSecretsTable {
  id: string;
  account_id: string;
  name: string;
  /** Sealed under the master key (sealed-columns.ts). */
  value_envelope: string;
  created_at: number;
  updated_at: number;
}
