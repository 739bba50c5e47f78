import type { Migration } from './migration.ts';

/** People and organisations: sign-in, sessions, tokens, second factor, throttling, audit; owners of invites. */
export const users: Migration = {
  version: 10,
  statements: ({ text, integer }) => [
    `CREATE TABLE users (
      account_id ${text} PRIMARY KEY REFERENCES accounts(id), email ${text} NOT NULL UNIQUE,
      display_name ${text} NOT NULL, password_hash ${text} NOT NULL, role ${text} NOT NULL,
      totp_envelope ${text}, totp_confirmed_at ${integer}, totp_last_step ${integer} NOT NULL,
      created_at ${integer} NOT NULL)`,
    `CREATE TABLE recovery_codes (
      account_id ${text} NOT NULL REFERENCES users(account_id), sha256 ${text} NOT NULL, used_at ${integer},
      PRIMARY KEY (account_id, sha256))`,
    `CREATE TABLE mail_tokens (
      sha256 ${text} PRIMARY KEY, purpose ${text} NOT NULL, email ${text} NOT NULL, payload_json ${text} NOT NULL,
      created_at ${integer} NOT NULL, expires_at ${integer} NOT NULL)`,
    `CREATE INDEX mail_tokens_by_expiry ON mail_tokens (expires_at)`,
    `CREATE TABLE attempts (
      subject ${text} PRIMARY KEY, failures ${integer} NOT NULL, last_at ${integer} NOT NULL,
      locked_until ${integer} NOT NULL)`,
    `CREATE INDEX attempts_by_age ON attempts (last_at)`,
    `CREATE TABLE sessions (
      id ${text} PRIMARY KEY, account_id ${text} NOT NULL REFERENCES users(account_id), client ${text} NOT NULL,
      address ${text} NOT NULL, created_at ${integer} NOT NULL, last_used_at ${integer} NOT NULL,
      expires_at ${integer} NOT NULL, revoked_at ${integer}, revoked_reason ${text})`,
    `CREATE INDEX sessions_by_account ON sessions (account_id)`,
    `CREATE TABLE refresh_tokens (
      sha256 ${text} PRIMARY KEY, session_id ${text} NOT NULL REFERENCES sessions(id), created_at ${integer} NOT NULL,
      used_at ${integer})`,
    `CREATE INDEX refresh_tokens_by_session ON refresh_tokens (session_id)`,
    `CREATE TABLE signing_keys (
      kid ${text} PRIMARY KEY, public_key ${text} NOT NULL, private_envelope ${text} NOT NULL,
      created_at ${integer} NOT NULL)`,
    `CREATE TABLE orgs (
      id ${text} PRIMARY KEY REFERENCES accounts(id), name ${text} NOT NULL UNIQUE, created_at ${integer} NOT NULL)`,
    `CREATE TABLE org_members (
      org_id ${text} NOT NULL REFERENCES orgs(id), account_id ${text} NOT NULL REFERENCES users(account_id),
      role ${text} NOT NULL, added_at ${integer} NOT NULL, PRIMARY KEY (org_id, account_id))`,
    `CREATE INDEX org_members_by_account ON org_members (account_id)`,
    `CREATE TABLE user_tokens (
      id ${text} PRIMARY KEY, sha256 ${text} NOT NULL UNIQUE, account_id ${text} NOT NULL REFERENCES accounts(id),
      created_by ${text} NOT NULL REFERENCES accounts(id), name ${text} NOT NULL, scopes_json ${text} NOT NULL,
      created_at ${integer} NOT NULL, expires_at ${integer} NOT NULL, last_used_at ${integer}, revoked_at ${integer})`,
    `CREATE INDEX user_tokens_by_account ON user_tokens (account_id)`,
    `CREATE TABLE audit_entries (
      seq ${integer} PRIMARY KEY, at ${integer} NOT NULL, actor ${text} NOT NULL, action ${text} NOT NULL,
      subject ${text} NOT NULL, details_json ${text} NOT NULL, previous ${text} NOT NULL, hash ${text} NOT NULL)`,
    `CREATE TABLE audit_head (id ${integer} PRIMARY KEY, seq ${integer} NOT NULL, hash ${text} NOT NULL)`,
    `INSERT INTO audit_head (id, seq, hash) VALUES (1, 0, '${'0'.repeat(64)}')`,
    `ALTER TABLE invites ADD COLUMN account_id ${text}`,
  ],
};
