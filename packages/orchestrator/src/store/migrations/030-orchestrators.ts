import type { Migration } from './migration.ts';

/**
 * Several orchestrators on one store: which of them live, which of them holds the link of each worker, whose
 * requests and idempotent calls those under way are.
 */
export const orchestrators: Migration = {
  version: 30,
  statements: ({ text, integer }) => [
    `CREATE TABLE orchestrators (
      peer_id ${text} PRIMARY KEY, addresses_json ${text} NOT NULL, api_url ${text}, version ${text} NOT NULL,
      started_at ${integer} NOT NULL, ends_at ${integer} NOT NULL, token ${integer} NOT NULL)`,
    `ALTER TABLE workers ADD COLUMN home ${text}`,
    `ALTER TABLE workers ADD COLUMN home_token ${integer} NOT NULL DEFAULT 0`,
    `ALTER TABLE workers ADD COLUMN sessions ${integer} NOT NULL DEFAULT 0`,
    `ALTER TABLE workers ADD COLUMN generation ${integer} NOT NULL DEFAULT 0`,
    `ALTER TABLE workers ADD COLUMN wish ${text}`,
    `ALTER TABLE workers ADD COLUMN updated_at ${integer} NOT NULL DEFAULT 0`,
    `ALTER TABLE assignments ADD COLUMN parts_generation ${integer} NOT NULL DEFAULT 0`,
    `ALTER TABLE requests ADD COLUMN orchestrator ${text}`,
    `CREATE INDEX requests_by_orchestrator ON requests (orchestrator, state)`,
    `ALTER TABLE idempotency_keys ADD COLUMN orchestrator ${text}`,
  ],
};
