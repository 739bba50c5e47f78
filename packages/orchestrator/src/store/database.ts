import type { Generated } from 'kysely';
import type { BillingTables } from './billing-tables.ts';
import type { DeploymentTables } from './deployment-tables.ts';
import type { EpochTables } from './epoch-tables.ts';
import type { LedgerTables } from './ledger-tables.ts';
import type { OauthTables } from './oauth-tables.ts';
import type { OutsideTables } from './outside-tables.ts';
import type { SettlementTables } from './settlement-tables.ts';
import type { UsersTables } from './users-tables.ts';
import type { VoucherTables } from './voucher-tables.ts';

/**
 * The tables, as Kysely sees them. Times are milliseconds, sizes bytes, flags 0 or 1; columns that end in
 * `_json` hold JSON text, read through a schema (store/json.ts). Written only by functions in store/.
 */
export interface Database
  extends UsersTables,
    OutsideTables,
    OauthTables,
    LedgerTables,
    SettlementTables,
    BillingTables,
    VoucherTables,
    EpochTables,
    DeploymentTables {
  network: NetworkTable;
  network_keys: NetworkKeysTable;
  accounts: AccountsTable;
  api_tokens: ApiTokensTable;
  invites: InvitesTable;
  invite_uses: InviteUsesTable;
  members: MembersTable;
  workers: WorkersTable;
  models: ModelsTable;
  model_files: ModelFilesTable;
  blobs: BlobsTable;
  blob_owners: BlobOwnersTable;
  blob_copies: BlobCopiesTable;
  assignments: AssignmentsTable;
  evaluations: EvaluationsTable;
  requests: RequestsTable;
  receipts: ReceiptsTable;
  events: EventsTable;
  idempotency_keys: IdempotencyKeysTable;
  queue_messages: QueueMessagesTable;
  leases: LeasesTable;
  orchestrators: OrchestratorsTable;
  wallet_bindings: WalletBindingsTable;
  worker_stakes: WorkerStakesTable;
}

/** Facts of the network itself, by key. */
export interface NetworkTable {
  key: string;
  value: string;
}

/** At most one row: the network key, sealed (sealed-columns.ts), for orchestrators that share a master key. */
export interface NetworkKeysTable {
  network_id: string;
  private_envelope: string;
  created_at: number;
}

export interface AccountsTable {
  id: string;
  name: string;
  blob_quota_bytes: number;
  created_at: number;
}

/** Only the sha256 of a token is kept: a stolen store opens nothing. */
export interface ApiTokensTable {
  sha256: string;
  account_id: string;
  scopes_json: string;
  created_at: number;
  revoked_at: number | null;
}

export interface InvitesTable {
  id: string;
  secret_sha256: string;
  max_uses: number;
  created_at: number;
  expires_at: number;
  revoked_at: number | null;
  /** Who made it; null for invites older than accounts. */
  account_id: string | null;
}

export interface InviteUsesTable {
  invite_id: string;
  peer_id: string;
  used_at: number;
}

/** Peers that redeemed an invite. */
export interface MembersTable {
  peer_id: string;
  invite_id: string;
  joined_at: number;
  expelled_at: number | null;
}

export type WorkerState = 'joining' | 'listed' | 'unreachable' | 'draining' | 'lost';

/** What an operator asked of a worker at an orchestrator that has not its link. */
export type WorkerWish = 'drain';

/** The newest observation of each member that ever said hello. */
export interface WorkersTable {
  peer_id: string;
  state: WorkerState;
  reason: string;
  version: string;
  offer_json: string;
  addresses_json: string;
  parts_json: string;
  rtt_json: string;
  free_memory_bytes: number;
  loop_delay_p99_ms: number;
  hello_at: number;
  last_seen_at: number;
  /** The orchestrator that holds its control link; null while none does. */
  home: string | null;
  /** Higher with each change of home: only who knows the newest may write the row. */
  home_token: Generated<number>;
  sessions: Generated<number>;
  /** The assignment that its newest report is about. */
  generation: Generated<number>;
  /** What its home is asked to do with it. */
  wish: WorkerWish | null;
  /** What its newest report says of containers; null = nothing, or no engine. */
  containers_json: Generated<string | null>;
  /** Store time of the last change, and later than that of the change before. */
  updated_at: Generated<number>;
}

/** The newest statement of each worker with each wallet; its highest sequence is the worker's wallet. */
export interface WalletBindingsTable {
  peer_id: string;
  address: string;
  sequence: number;
  expires_at: number;
  statement_json: string;
  noted_at: number;
  /** Statements of the two up to this sequence were taken back. */
  revoked_up_to: number | null;
}

/** What was last read of a worker's stake: decimal wei of ROS, as of a block of a registry. */
export interface WorkerStakesTable {
  peer_id: string;
  /** `<chain id>:<address of the registry>`. */
  registry: string;
  address: string;
  stake_wei: string;
  unbonding_wei: string;
  /** Where its earnings go by the registry. */
  payout: string | null;
  block: number;
  read_at: number;
}

export type ModelState = 'stored' | 'placing' | 'ready' | 'failed';

export interface ModelsTable {
  name: string;
  model_hash: string;
  manifest: Uint8Array;
  size_bytes: number;
  parameters: number;
  state: ModelState;
  reason: string;
  /** Desired state: 1 = on workers, 0 = stored only. */
  wanted: number;
  wanted_shape: string | null;
  wanted_spread: number;
  /** Wei of ROS that each worker must have at stake; null = any. */
  wanted_min_stake: string | null;
  wish: number;
  placement_json: string | null;
  error_json: string | null;
  account_id: string;
  created_at: number;
}

export interface ModelFilesTable {
  model_name: string;
  sha256: string;
}

export type BlobState = 'uploading' | 'stored';

export interface BlobsTable {
  sha256: string;
  size_bytes: number;
  state: BlobState;
  touched_at: number;
}

/** Who has a blob on its disk (`orchestrator` is a peer id), or takes its upload: one does at a time. */
export interface BlobCopiesTable {
  sha256: string;
  orchestrator: string;
  state: BlobState;
}

/** Who pays for a blob out of the quota; counted from the first chunk on. */
export interface BlobOwnersTable {
  sha256: string;
  account_id: string;
}

/** The newest assignment sent to each worker. */
export interface AssignmentsTable {
  worker_id: string;
  generation: number;
  assignment_json: string;
  updated_at: number;
  /** The first generation with the parts that the worker is to hold now. */
  parts_generation: Generated<number>;
  /** 1 = the worker drains, and no model needs it any more. */
  drained: Generated<number>;
}

export type EvaluationState = 'queued' | 'running';

/** Wishes to plan again: at most one queued and one running per key. */
export interface EvaluationsTable {
  id: Generated<number>;
  key: string;
  reason: string;
  state: EvaluationState;
  attempts: number;
  due_at: number;
  started_at: number | null;
}

export type RequestState = 'running' | 'succeeded' | 'failed';

export interface RequestsTable {
  id: string;
  account_id: string;
  model: string;
  model_hash: string | null;
  state: RequestState;
  shape: string | null;
  /** Why this plan and not the others; stages; who did what. */
  plan_json: string | null;
  shares_json: string | null;
  usage_json: string | null;
  error_code: string | null;
  error_message: string | null;
  ttft_ms: number | null;
  total_ms: number | null;
  created_at: number;
  finished_at: number | null;
  /** Who carries it out; null in rows older than orchestrators that share a store. */
  orchestrator: string | null;
}

export interface ReceiptsTable {
  request_id: string;
  worker_id: string;
  nonce: string;
  units: number;
  payload: string;
  signature: string;
  received_at: number;
}

export interface LeasesTable {
  name: string;
  holder: string;
  token: number;
  ends_at: number;
}

/** Orchestrators of this store; one lives while its `ends_at`, in store time, is to come. */
export interface OrchestratorsTable {
  peer_id: string;
  addresses_json: string;
  /** Null until its API listens. */
  api_url: string | null;
  version: string;
  /** Store time. */
  started_at: number;
  ends_at: number;
  /** Higher with each registration. */
  token: number;
}

/** Messages that wait, are being worked on (due again when the lease ends), or are dead. */
export interface QueueMessagesTable {
  seq: Generated<number>;
  id: string;
  topic: string;
  body: string;
  /** Times that it was taken: the fencing token of whoever took it last. */
  attempts: number;
  due_at: number;
  /** Why it will not be tried again; null while it will. */
  dead_reason: string | null;
}

export interface EventsTable {
  id: Generated<number>;
  at: number;
  kind: string;
  subject: string;
  message: string;
  /** The only account that may see it; null = everybody who may see events. */
  account_id: Generated<string | null>;
}

/** Calls that are made once per account and key; `answer` is sealed by the key, of which only a hash is kept. */
export interface IdempotencyKeysTable {
  id: string;
  account_id: string;
  fingerprint: string;
  claim_id: string;
  state: 'running' | 'done';
  answer: Uint8Array | null;
  lease_until: number;
  expires_at: number;
  /** Who makes the call. */
  orchestrator: string | null;
}
