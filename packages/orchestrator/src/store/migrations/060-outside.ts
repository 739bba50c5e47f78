import type { Migration } from './migration.ts';

/** Outside identities that open accounts, and outside logins under way. */
export const outside: Migration = {
  version: 60,
  statements: ({ text, integer }) => [
    `CREATE TABLE outside_identities (
      id ${text} PRIMARY KEY, account_id ${text} NOT NULL REFERENCES users(account_id), login ${text} NOT NULL,
      issuer ${text} NOT NULL, subject ${text} NOT NULL, email ${text} NOT NULL, created_at ${integer} NOT NULL,
      last_used_at ${integer}, UNIQUE (issuer, subject))`,
    `CREATE INDEX outside_identities_by_account ON outside_identities (account_id)`,
    `CREATE TABLE outside_attempts (
      claim_sha256 ${text} PRIMARY KEY, state_sha256 ${text} NOT NULL UNIQUE, login ${text} NOT NULL,
      account_id ${text}, client ${text} NOT NULL, address ${text} NOT NULL, user_code ${text} NOT NULL,
      secret_envelope ${text} NOT NULL, phase ${text} NOT NULL, confirm_sha256 ${text}, identity_json ${text},
      failure ${text}, created_at ${integer} NOT NULL, expires_at ${integer} NOT NULL)`,
    `CREATE INDEX outside_attempts_by_confirm ON outside_attempts (confirm_sha256)`,
    `CREATE INDEX outside_attempts_by_expiry ON outside_attempts (expires_at)`,
  ],
};
