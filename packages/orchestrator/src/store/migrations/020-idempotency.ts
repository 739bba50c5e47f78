import type { Migration } from './migration.ts';

/** Idempotency keys of writing calls, with their answers, and an index to find those that have expired. */
export const idempotency: Migration = {
  version: 20,
  statements: ({ text, integer, bytes }) => [
    `CREATE TABLE idempotency_keys (
      id ${text} PRIMARY KEY, account_id ${text} NOT NULL, fingerprint ${text} NOT NULL, claim_id ${text} NOT NULL,
      state ${text} NOT NULL, answer ${bytes}, lease_until ${integer} NOT NULL, expires_at ${integer} NOT NULL)`,
    `CREATE INDEX idempotency_keys_by_expiry ON idempotency_keys (expires_at)`,
  ],
};
