import type { Role } from '@rios/sdk/api/roles';

/** The tables of people and organisations, as Kysely sees them; part of `Database`. Rules as there. */
export interface UsersTables {
  users: UsersTable;
  recovery_codes: RecoveryCodesTable;
  mail_tokens: MailTokensTable;
  attempts: AttemptsTable;
  sessions: SessionsTable;
  refresh_tokens: RefreshTokensTable;
  signing_keys: SigningKeysTable;
  orgs: OrgsTable;
  org_members: OrgMembersTable;
  user_tokens: UserTokensTable;
  audit_entries: AuditEntriesTable;
  audit_head: AuditHeadTable;
}

/** A person: the account of the same id, with what it takes to sign in. Only verified addresses are here. */
export interface UsersTable {
  account_id: string;
  /** Normalised. */
  email: string;
  display_name: string;
  /** argon2id, PHC text; empty for who logs in by an outside provider only. */
  password_hash: string;
  role: Role;
  /** Sealed with the context `users.totp:<account_id>`. */
  totp_envelope: string | null;
  /** Null while the secret is enrolled but not yet proved. */
  totp_confirmed_at: number | null;
  /** Time step of the newest code taken: none is taken twice. */
  totp_last_step: number;
  created_at: number;
}

export interface RecoveryCodesTable {
  account_id: string;
  sha256: string;
  used_at: number | null;
}

export type MailPurpose = 'verify' | 'reset' | 'invite';

/** Sent by mail, used once (used ones are deleted). */
export interface MailTokensTable {
  sha256: string;
  purpose: MailPurpose;
  email: string;
  payload_json: string;
  created_at: number;
  expires_at: number;
}

/** Failed attempts by subject (`account:…`, `address:…`). */
export interface AttemptsTable {
  subject: string;
  failures: number;
  last_at: number;
  locked_until: number;
}

/** One sign-in: the family of its refresh tokens. */
export interface SessionsTable {
  id: string;
  account_id: string;
  client: string;
  address: string;
  created_at: number;
  last_used_at: number;
  expires_at: number;
  revoked_at: number | null;
  revoked_reason: string | null;
}

export interface RefreshTokensTable {
  sha256: string;
  session_id: string;
  created_at: number;
  used_at: number | null;
}

/** Ed25519 keys of the access tokens; the private one sealed with the context `signing_keys:<kid>`. */
export interface SigningKeysTable {
  kid: string;
  public_key: string;
  private_envelope: string;
  created_at: number;
}

/** An organisation: the account of the same id. */
export interface OrgsTable {
  id: string;
  name: string;
  created_at: number;
}

export interface OrgMembersTable {
  org_id: string;
  account_id: string;
  role: Role;
  added_at: number;
}

/** API tokens of people; `account_id` is the person or the organisation they act for. */
export interface UserTokensTable {
  id: string;
  sha256: string;
  account_id: string;
  created_by: string;
  name: string;
  scopes_json: string;
  created_at: number;
  expires_at: number;
  last_used_at: number | null;
  revoked_at: number | null;
}

/** `hash` is over the entry and `previous`, the hash of the entry before. */
export interface AuditEntriesTable {
  seq: number;
  at: number;
  actor: string;
  action: string;
  subject: string;
  details_json: string;
  previous: string;
  hash: string;
}

/** One row: the newest entry. Its lock puts appends in a row. */
export interface AuditHeadTable {
  id: number;
  seq: number;
  hash: string;
}
