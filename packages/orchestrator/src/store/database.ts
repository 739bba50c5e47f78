import type { Generated } from 'kysely';
import type { OauthTables } from './oauth-tables.ts';
import type { OutsideTables } from './outside-tables.ts';
import type { UsersTables } from './users-tables.ts';

/**
 * The tables, as Kysely sees them. Times are milliseconds, sizes bytes, flags 0 or 1; columns that end in
 * `_json` hold JSON text, read through a schema (store/json.ts). Written only by functions in store/.
 */
export interface Database extends UsersTables, OutsideTables, OauthTables {
  network: NetworkTable;
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
  assignments: AssignmentsTable;
  evaluations: EvaluationsTable;
  requests: RequestsTable;
  receipts: ReceiptsTable;
  events: EventsTable;
  idempotency_keys: IdempotencyKeysTable;
  queue_messages: QueueMessagesTable;
  leases: LeasesTable;
}

/** Facts of the network itself, by key. */
export interface NetworkTable {
  key: string;
  value: string;
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
}
