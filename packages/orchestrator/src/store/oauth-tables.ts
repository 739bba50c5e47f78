/** The tables of our OAuth 2.0 server, as Kysely sees them; part of `Database`. Rules as there. */
export interface OauthTables {
  oauth_payloads: OauthPayloadsTable;
  oauth_clients: OauthClientsTable;
}

/** What the server keeps of codes, tokens, grants and interactions; store/oauth-adapter.ts gives it to the library. */
export interface OauthPayloadsTable {
  /** sha256 of the kind and the id, which for most is the secret itself. */
  id_sha256: string;
  /** Name of the library's model, for example `DeviceCode`. */
  model: string;
  /** The session of which it is a part; removed with it. */
  grant_id: string | null;
  /** sha256 of the second name that some have: a device's user code, a browser session's uid. */
  name_sha256: string | null;
  /** The payload, sealed with the context `oauth.<model>:<id_sha256>`. */
  envelope: string;
  expires_at: number;
  consumed_at: number | null;
  /** When a waiting device last asked. */
  polled_at: number | null;
}

/** Registered programs. One with a secret acts for the account; one with redirect URIs asks people in a browser. */
export interface OauthClientsTable {
  id: string;
  name: string;
  secret_sha256: string | null;
  /** The person or the organisation that it acts for, or that owns it. */
  account_id: string;
  created_by: string;
  scopes_json: string;
  redirect_uris_json: string;
  created_at: number;
  expires_at: number;
  last_used_at: number | null;
  revoked_at: number | null;
}
