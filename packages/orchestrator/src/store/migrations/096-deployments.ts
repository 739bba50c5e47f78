import type { Migration } from './migration.ts';

/** Applications, their releases, the containers that run them, and what each worker is told of them. */
export const deployments: Migration = {
  version: 96,
  statements: ({ text, integer }) => [
    `CREATE TABLE deployments (
      id ${text} PRIMARY KEY, name ${text} NOT NULL UNIQUE, account_id ${text} NOT NULL, state ${text} NOT NULL,
      reason ${text} NOT NULL, wish ${text} NOT NULL, active_release ${integer}, latest_release ${integer} NOT NULL,
      scale_json ${text} NOT NULL, restart_count ${integer} NOT NULL, autoscale_json ${text} NOT NULL,
      created_at ${integer} NOT NULL, updated_at ${integer} NOT NULL)`,
    'CREATE INDEX deployments_by_account ON deployments (account_id, name)',
    `CREATE TABLE releases (
      deployment_id ${text} NOT NULL REFERENCES deployments(id), number ${integer} NOT NULL, state ${text} NOT NULL,
      reason ${text} NOT NULL, spec_json ${text} NOT NULL, file_sha256 ${text}, rollback_of ${integer},
      created_by ${text} NOT NULL, created_at ${integer} NOT NULL, healthy_at ${integer},
      PRIMARY KEY (deployment_id, number))`,
    'CREATE INDEX releases_by_file ON releases (file_sha256)',
    `CREATE TABLE replicas (
      id ${text} PRIMARY KEY, deployment_id ${text} NOT NULL REFERENCES deployments(id), release ${integer} NOT NULL,
      worker_id ${text} NOT NULL, wish ${text} NOT NULL, attempt ${integer} NOT NULL, restarts ${integer} NOT NULL,
      retry_at ${integer}, prices_json ${text} NOT NULL, ticket_nonce ${text} NOT NULL UNIQUE, started_at ${integer},
      healthy_at ${integer}, drain_until ${integer}, restart_count ${integer} NOT NULL, created_at ${integer} NOT NULL)`,
    'CREATE INDEX replicas_by_deployment ON replicas (deployment_id, release)',
    'CREATE INDEX replicas_by_worker ON replicas (worker_id)',
    `CREATE TABLE container_wishes (
      worker_id ${text} PRIMARY KEY, generation ${integer} NOT NULL, replicas_json ${text} NOT NULL,
      updated_at ${integer} NOT NULL)`,
    `CREATE TABLE container_usage (
      ticket_nonce ${text} PRIMARY KEY, replica_id ${text} NOT NULL, deployment_id ${text} NOT NULL,
      account_id ${text} NOT NULL, worker ${text} NOT NULL, app ${text} NOT NULL, terms_json ${text} NOT NULL,
      opened_at ${integer} NOT NULL, receipt_json ${text}, ran_ms ${integer} NOT NULL,
      billed_ms ${integer} NOT NULL, line ${integer} NOT NULL, open_hold ${text}, held_wei ${text} NOT NULL,
      hold_at ${integer}, gone_at ${integer}, ended_at ${integer}, updated_at ${integer} NOT NULL)`,
    `CREATE TABLE app_secrets (
      id ${text} PRIMARY KEY, account_id ${text} NOT NULL, name ${text} NOT NULL, value_envelope ${text} NOT NULL,
      created_at ${integer} NOT NULL, updated_at ${integer} NOT NULL, UNIQUE (account_id, name))`,
    `CREATE TABLE app_figures (
      orchestrator ${text} NOT NULL, deployment_id ${text} NOT NULL, in_flight ${integer} NOT NULL,
      waiting ${integer} NOT NULL, p95_ms ${integer} NOT NULL, at ${integer} NOT NULL,
      PRIMARY KEY (orchestrator, deployment_id))`,
    `ALTER TABLE workers ADD COLUMN containers_json ${text}`,
  ],
};
