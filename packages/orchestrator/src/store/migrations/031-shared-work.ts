import type { Migration } from './migration.ts';

/** What orchestrators that share a store tell each other of: events of one account alone, workers that may leave. */
export const sharedWork: Migration = {
  version: 31,
  statements: ({ text, integer }) => [
    `ALTER TABLE events ADD COLUMN account_id ${text}`,
    `CREATE INDEX events_by_account ON events (account_id, id)`,
    `CREATE INDEX idempotency_keys_by_state ON idempotency_keys (state, orchestrator)`,
    `ALTER TABLE assignments ADD COLUMN drained ${integer} NOT NULL DEFAULT 0`,
  ],
};
