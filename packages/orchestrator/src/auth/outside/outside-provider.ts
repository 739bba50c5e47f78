/** Who a provider says somebody is. */
export interface OutsideIdentity {
  /** Whose word it is; `subject` never changes there and is nobody else's. */
  readonly issuer: string;
  readonly subject: string;
  /** Normalised; undefined unless the provider has verified that the person has it. */
  readonly email: string | undefined;
  /** Fit to be shown; undefined when there is none that is. */
  readonly displayName: string | undefined;
}

/** What one attempt sends through the browser, and what must come back to it. */
export interface OutsideSecrets {
  readonly state: string;
  /** PKCE (RFC 7636), S256. */
  readonly verifier: string;
  /** Stands in the ID token. */
  readonly nonce: string;
}

/** A provider of identities: OpenID Connect, or GitHub. Each call asks it anew, within a deadline. */
export interface OutsideProvider {
  readonly id: string;
  readonly issuer: string;
  /** The address to open in a browser. @throws RiosError SERVICE_UNAVAILABLE */
  begin(secrets: OutsideSecrets, redirectUri: string): Promise<string>;
  /**
   * Trades the code that the browser came back with for an identity.
   * @param returned the redirect URI with the parameters that came
   * @throws RiosError SERVICE_UNAVAILABLE, AUTH_OUTSIDE_REFUSED
   */
  prove(secrets: OutsideSecrets, returned: URL): Promise<OutsideIdentity>;
}
