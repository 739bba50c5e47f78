import type { Migration } from './migration.ts';

/** The first system: the network, the local account, workers, models, blobs, evaluations, requests, events. */
export const firstSystem: Migration = {
  version: 1,
  statements: ({ text, integer, real, bytes, generatedId, countInOrder }) => [
    `CREATE TABLE network (key ${text} PRIMARY KEY, value ${text} NOT NULL)`,
    `CREATE TABLE accounts (
      id ${text} PRIMARY KEY, name ${text} NOT NULL UNIQUE, blob_quota_bytes ${integer} NOT NULL,
      created_at ${integer} NOT NULL)`,
    `CREATE TABLE api_tokens (
      sha256 ${text} PRIMARY KEY, account_id ${text} NOT NULL REFERENCES accounts(id), scopes_json ${text} NOT NULL,
      created_at ${integer} NOT NULL, revoked_at ${integer})`,
    `CREATE TABLE invites (
      id ${text} PRIMARY KEY, secret_sha256 ${text} NOT NULL, max_uses ${integer} NOT NULL,
      created_at ${integer} NOT NULL, expires_at ${integer} NOT NULL, revoked_at ${integer})`,
    `CREATE TABLE invite_uses (
      invite_id ${text} NOT NULL REFERENCES invites(id), peer_id ${text} NOT NULL, used_at ${integer} NOT NULL,
      PRIMARY KEY (invite_id, peer_id))`,
    `CREATE TABLE members (
      peer_id ${text} PRIMARY KEY, invite_id ${text} NOT NULL REFERENCES invites(id),
      joined_at ${integer} NOT NULL, expelled_at ${integer})`,
    `CREATE TABLE workers (
      peer_id ${text} PRIMARY KEY REFERENCES members(peer_id), state ${text} NOT NULL, reason ${text} NOT NULL,
      version ${text} NOT NULL, offer_json ${text} NOT NULL, addresses_json ${text} NOT NULL, parts_json ${text} NOT NULL,
      rtt_json ${text} NOT NULL, free_memory_bytes ${integer} NOT NULL, loop_delay_p99_ms ${real} NOT NULL,
      hello_at ${integer} NOT NULL, last_seen_at ${integer} NOT NULL)`,
    `CREATE TABLE models (
      name ${text} PRIMARY KEY, model_hash ${text} NOT NULL, manifest ${bytes} NOT NULL, size_bytes ${integer} NOT NULL,
      parameters ${integer} NOT NULL, state ${text} NOT NULL, reason ${text} NOT NULL, wanted ${integer} NOT NULL,
      wanted_shape ${text}, wanted_spread ${integer} NOT NULL, placement_json ${text}, error_json ${text},
      account_id ${text} NOT NULL REFERENCES accounts(id), created_at ${integer} NOT NULL)`,
    `CREATE INDEX models_by_hash ON models (model_hash)`,
    `CREATE TABLE blobs (
      sha256 ${text} PRIMARY KEY, size_bytes ${integer} NOT NULL, state ${text} NOT NULL, touched_at ${integer} NOT NULL)`,
    `CREATE TABLE blob_owners (
      sha256 ${text} NOT NULL REFERENCES blobs(sha256) ON DELETE CASCADE,
      account_id ${text} NOT NULL REFERENCES accounts(id), PRIMARY KEY (sha256, account_id))`,
    `CREATE INDEX blob_owners_by_account ON blob_owners (account_id)`,
    `CREATE TABLE model_files (
      model_name ${text} NOT NULL REFERENCES models(name) ON DELETE CASCADE,
      sha256 ${text} NOT NULL REFERENCES blobs(sha256), PRIMARY KEY (model_name, sha256))`,
    `CREATE INDEX model_files_by_blob ON model_files (sha256)`,
    `CREATE TABLE assignments (
      worker_id ${text} PRIMARY KEY, generation ${integer} NOT NULL, assignment_json ${text} NOT NULL,
      updated_at ${integer} NOT NULL)`,
    `CREATE TABLE evaluations (
      id ${generatedId}, key ${text} NOT NULL, reason ${text} NOT NULL, state ${text} NOT NULL,
      attempts ${integer} NOT NULL, due_at ${integer} NOT NULL, started_at ${integer})`,
    `CREATE UNIQUE INDEX evaluations_in_flight ON evaluations (key, state)`,
    `CREATE TABLE requests (
      id ${text} PRIMARY KEY, account_id ${text} NOT NULL REFERENCES accounts(id), model ${text} NOT NULL,
      model_hash ${text}, state ${text} NOT NULL, shape ${text}, plan_json ${text}, shares_json ${text}, usage_json ${text},
      error_code ${text}, error_message ${text}, ttft_ms ${real}, total_ms ${real},
      created_at ${integer} NOT NULL, finished_at ${integer})`,
    `CREATE INDEX requests_by_state ON requests (state)`,
    `CREATE TABLE receipts (
      request_id ${text} NOT NULL REFERENCES requests(id), worker_id ${text} NOT NULL, nonce ${text} NOT NULL,
      units ${integer} NOT NULL, payload ${text} NOT NULL, signature ${text} NOT NULL, received_at ${integer} NOT NULL,
      PRIMARY KEY (request_id, worker_id, nonce))`,
    `CREATE TABLE events (
      id ${generatedId}, at ${integer} NOT NULL, kind ${text} NOT NULL, subject ${text} NOT NULL,
      message ${text} NOT NULL)`,
    ...countInOrder('events'),
  ],
};
