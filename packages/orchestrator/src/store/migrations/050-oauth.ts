import type { Migration } from './migration.ts';

/** Our OAuth 2.0 server: registered programs, and codes, tokens and grants under way. */
export const oauth: Migration = {
  version: 50,
  statements: ({ text, integer }) => [
    `CREATE TABLE oauth_payloads (
      id_sha256 ${text} PRIMARY KEY, model ${text} NOT NULL, grant_id ${text}, name_sha256 ${text} UNIQUE,
      envelope ${text} NOT NULL, expires_at ${integer} NOT NULL, consumed_at ${integer}, polled_at ${integer})`,
    `CREATE INDEX oauth_payloads_by_grant ON oauth_payloads (grant_id)`,
    `CREATE INDEX oauth_payloads_by_expiry ON oauth_payloads (expires_at)`,
    `CREATE TABLE oauth_clients (
      id ${text} PRIMARY KEY, name ${text} NOT NULL, secret_sha256 ${text},
      account_id ${text} NOT NULL REFERENCES accounts(id), created_by ${text} NOT NULL REFERENCES accounts(id),
      scopes_json ${text} NOT NULL, redirect_uris_json ${text} NOT NULL, created_at ${integer} NOT NULL,
      expires_at ${integer} NOT NULL, last_used_at ${integer}, revoked_at ${integer})`,
    `CREATE INDEX oauth_clients_by_creator ON oauth_clients (created_by)`,
  ],
};
