/** The tables of outside logins, as Kysely sees them; part of `Database`. Rules as there. */
export interface OutsideTables {
  outside_identities: OutsideIdentitiesTable;
  outside_attempts: OutsideAttemptsTable;
}

/** Who a provider says somebody is: (issuer, subject) opens one account. The address there is for showing only. */
export interface OutsideIdentitiesTable {
  id: string;
  account_id: string;
  /** Name of the outside login that it came by. */
  login: string;
  issuer: string;
  subject: string;
  email: string;
  created_at: number;
  last_used_at: number | null;
}

/**
 * started -> exchanging (its code is being traded, once) -> proved (who it is, is known) -> confirmed (the person
 * said yes in the browser); or failed.
 */
export type OutsidePhase = 'started' | 'exchanging' | 'proved' | 'confirmed' | 'failed';

/** An outside login under way. Claim, state and confirmation are known by their sha256 only. */
export interface OutsideAttemptsTable {
  claim_sha256: string;
  state_sha256: string;
  login: string;
  /** The account that an identity is to be linked to; null for a login. */
  account_id: string | null;
  client: string;
  address: string;
  user_code: string;
  /** PKCE verifier and nonce, sealed with the context `outside_attempts:<state_sha256>`. */
  secret_envelope: string;
  phase: OutsidePhase;
  confirm_sha256: string | null;
  /** Once proved. */
  identity_json: string | null;
  /** Why it failed, in words of ours. */
  failure: string | null;
  created_at: number;
  expires_at: number;
}
