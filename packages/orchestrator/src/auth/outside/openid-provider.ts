import type { Configuration, IDToken, UserInfoResponse } from 'openid-client';
import { authorizationUrl } from './authorization-url.ts';
import { type BoundedFetch, createBoundedFetch } from './bounded-fetch.ts';
import { clientAuthOf } from './client-auth.ts';
import type { OutsideLoginConfig } from './outside-config.ts';
import { outsideFailure } from './outside-failure.ts';
import type { OutsideIdentity, OutsideProvider } from './outside-provider.ts';
import { shownName, verifiedEmail } from './person-facts.ts';
import { isLoopback } from './secure-url.ts';

/** All that one step asks of a provider is done by then. */
export const DEADLINE_MS = 15_000;
const CLOCK_TOLERANCE_S = 30;

type Library = typeof import('openid-client');
type Claims = IDToken | (IDToken & UserInfoResponse);

/**
 * Any OpenID Connect issuer (Core 1.0, Discovery 1.0). Its metadata and keys are read anew at each step, so that
 * nothing here outlives a rotation; the signature of the ID token is checked although TLS would do (Core 3.1.3.7).
 */
export function createOpenidProvider(config: OutsideLoginConfig, deadlineMs = DEADLINE_MS): OutsideProvider {
  const { id, issuer } = config;
  const open = async () => {
    const library = await import('openid-client');
    return { library, server: await discover(library, config, AbortSignal.timeout(deadlineMs)) };
  };
  return {
    id,
    issuer,
    begin: async (secrets, redirectUri) => {
      try {
        const { library, server } = await open();
        const scope = 'openid email profile';
        return await authorizationUrl(library, server, { secrets, redirectUri, scope, isOidc: true });
      } catch (error) {
        throw outsideFailure(id, error);
      }
    },
    prove: async ({ state, verifier, nonce }, returned) => {
      try {
        const { library, server } = await open();
        const checks = {
          expectedState: state,
          expectedNonce: nonce,
          pkceCodeVerifier: verifier,
          idTokenExpected: true,
        };
        const tokens = await library.authorizationCodeGrant(server, returned, checks);
        const claims = tokens.claims();
        if (claims === undefined) throw new TypeError('no claims');
        return identityOf(await withUserInfo(library, server, claims, tokens.access_token));
      } catch (error) {
        throw outsideFailure(id, error);
      }
    },
  };
}

async function discover(
  library: Library,
  { issuer, clientId, clientSecret }: OutsideLoginConfig,
  deadline: AbortSignal,
): Promise<Configuration> {
  const server = new URL(issuer);
  const fetch: BoundedFetch = createBoundedFetch(server, deadline);
  const execute = [library.enableNonRepudiationChecks];
  if (isLoopback(server)) execute.push(library.allowInsecureRequests);
  return library.discovery(
    server,
    clientId,
    { [library.clockTolerance]: CLOCK_TOLERANCE_S },
    clientAuthOf(library, clientSecret),
    { execute, [library.customFetch]: (url, init) => fetch(url, init as RequestInit) },
  );
}

/** Many issuers tell the address at the userinfo endpoint only; its answer must be of the same subject. */
async function withUserInfo(
  library: Library,
  server: Configuration,
  claims: IDToken,
  accessToken: string,
): Promise<Claims> {
  const isWhole = claims.email !== undefined && claims.email_verified !== undefined;
  if (isWhole || server.serverMetadata().userinfo_endpoint === undefined) return claims;
  const userInfo = await library.fetchUserInfo(server, accessToken, claims.sub);
  return { ...userInfo, ...claims };
}

const identityOf = (claims: Claims): OutsideIdentity => ({
  issuer: claims.iss,
  subject: claims.sub,
  email: verifiedEmail(claims.email, claims.email_verified === true),
  displayName: shownName(claims.name, claims.preferred_username),
});
