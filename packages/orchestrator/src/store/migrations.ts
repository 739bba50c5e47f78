/**
 * The schema's history: number n is applied when the store stands at n - 1. Forward only; a released migration
 * never changes. Each runs in its own transaction, so a kill leaves the store at the one before.
 */
export const MIGRATIONS: readonly { readonly version: number; readonly sql: readonly string[] }[] = [
  {
    version: 1,
    sql: [
      `CREATE TABLE network (key TEXT PRIMARY KEY, value TEXT NOT NULL)`,
      `CREATE TABLE accounts (
        id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, blob_quota_bytes INTEGER NOT NULL,
        created_at INTEGER NOT NULL)`,
      `CREATE TABLE api_tokens (
        sha256 TEXT PRIMARY KEY, account_id TEXT NOT NULL REFERENCES accounts(id), scopes_json TEXT NOT NULL,
        created_at INTEGER NOT NULL, revoked_at INTEGER)`,
      `CREATE TABLE invites (
        id TEXT PRIMARY KEY, secret_sha256 TEXT NOT NULL, max_uses INTEGER NOT NULL,
        created_at INTEGER NOT NULL, expires_at INTEGER NOT NULL, revoked_at INTEGER)`,
      `CREATE TABLE invite_uses (
        invite_id TEXT NOT NULL REFERENCES invites(id), peer_id TEXT NOT NULL, used_at INTEGER NOT NULL,
        PRIMARY KEY (invite_id, peer_id))`,
      `CREATE TABLE members (
        peer_id TEXT PRIMARY KEY, invite_id TEXT NOT NULL REFERENCES invites(id),
        joined_at INTEGER NOT NULL, expelled_at INTEGER)`,
      `CREATE TABLE workers (
        peer_id TEXT PRIMARY KEY REFERENCES members(peer_id), state TEXT NOT NULL, reason TEXT NOT NULL,
        version TEXT NOT NULL, offer_json TEXT NOT NULL, addresses_json TEXT NOT NULL, parts_json TEXT NOT NULL,
        rtt_json TEXT NOT NULL, free_memory_bytes INTEGER NOT NULL, loop_delay_p99_ms REAL NOT NULL,
        hello_at INTEGER NOT NULL, last_seen_at INTEGER NOT NULL)`,
      `CREATE TABLE models (
        name TEXT PRIMARY KEY, model_hash TEXT NOT NULL, manifest BLOB NOT NULL, size_bytes INTEGER NOT NULL,
        parameters INTEGER NOT NULL, state TEXT NOT NULL, reason TEXT NOT NULL, wanted INTEGER NOT NULL,
        wanted_shape TEXT, wanted_spread INTEGER NOT NULL, placement_json TEXT, error_json TEXT,
        account_id TEXT NOT NULL REFERENCES accounts(id), created_at INTEGER NOT NULL)`,
      `CREATE INDEX models_by_hash ON models (model_hash)`,
      `CREATE TABLE blobs (
        sha256 TEXT PRIMARY KEY, size_bytes INTEGER NOT NULL, state TEXT NOT NULL, touched_at INTEGER NOT NULL)`,
      `CREATE TABLE blob_owners (
        sha256 TEXT NOT NULL REFERENCES blobs(sha256) ON DELETE CASCADE,
        account_id TEXT NOT NULL REFERENCES accounts(id), PRIMARY KEY (sha256, account_id))`,
      `CREATE INDEX blob_owners_by_account ON blob_owners (account_id)`,
      `CREATE TABLE model_files (
        model_name TEXT NOT NULL REFERENCES models(name) ON DELETE CASCADE,
        sha256 TEXT NOT NULL REFERENCES blobs(sha256), PRIMARY KEY (model_name, sha256))`,
      `CREATE INDEX model_files_by_blob ON model_files (sha256)`,
      `CREATE TABLE assignments (
        worker_id TEXT PRIMARY KEY, generation INTEGER NOT NULL, assignment_json TEXT NOT NULL,
        updated_at INTEGER NOT NULL)`,
      `CREATE TABLE evaluations (
        id INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL, reason TEXT NOT NULL, state TEXT NOT NULL,
        attempts INTEGER NOT NULL, due_at INTEGER NOT NULL, started_at INTEGER)`,
      `CREATE UNIQUE INDEX evaluations_in_flight ON evaluations (key, state)`,
      `CREATE TABLE requests (
        id TEXT PRIMARY KEY, account_id TEXT NOT NULL REFERENCES accounts(id), model TEXT NOT NULL,
        model_hash TEXT, state TEXT NOT NULL, shape TEXT, plan_json TEXT, shares_json TEXT, usage_json TEXT,
        error_code TEXT, error_message TEXT, ttft_ms REAL, total_ms REAL,
        created_at INTEGER NOT NULL, finished_at INTEGER)`,
      `CREATE INDEX requests_by_state ON requests (state)`,
      `CREATE TABLE receipts (
        request_id TEXT NOT NULL REFERENCES requests(id), worker_id TEXT NOT NULL, nonce TEXT NOT NULL,
        units INTEGER NOT NULL, payload TEXT NOT NULL, signature TEXT NOT NULL, received_at INTEGER NOT NULL,
        PRIMARY KEY (request_id, worker_id, nonce))`,
      `CREATE TABLE events (
        id INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, kind TEXT NOT NULL, subject TEXT NOT NULL,
        message TEXT NOT NULL)`,
    ],
  },
];
