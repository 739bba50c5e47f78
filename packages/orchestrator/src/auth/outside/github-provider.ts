import type { Configuration } from 'openid-client';
import { z } from 'zod';
import { authorizationUrl } from './authorization-url.ts';
import { createBoundedFetch } from './bounded-fetch.ts';
import { DEADLINE_MS } from './openid-provider.ts';
import type { OutsideLoginConfig } from './outside-config.ts';
import { outsideFailure } from './outside-failure.ts';
import type { OutsideIdentity, OutsideProvider } from './outside-provider.ts';
import { shownName, verifiedEmail } from './person-facts.ts';
import { isLoopback } from './secure-url.ts';

type Library = typeof import('openid-client');

/** https://docs.github.com/rest/users/users and .../users/emails */
const userSchema = z.object({ id: z.int().min(1), login: z.string(), name: z.string().nullish() });
const emailsSchema = z
  .array(z.object({ email: z.string(), primary: z.boolean(), verified: z.boolean() }))
  .max(1000);

/** GitHub's API stands beside its site; that of an Enterprise Server below it. */
const apiOf = (site: URL) =>
  site.host === 'github.com' ? 'https://api.github.com' : `${site.origin}/api/v3`;

/**
 * GitHub, which has OAuth 2.0 with PKCE and an API of its own instead of OpenID Connect. The subject is the number
 * of the user (names change hands); the address is the primary one, if it is verified.
 */
export function createGithubProvider(config: OutsideLoginConfig, deadlineMs = DEADLINE_MS): OutsideProvider {
  const { id } = config;
  const site = new URL(config.issuer);
  // what GitHub sends back as `iss` (RFC 9207)
  const issuer = `${site.origin}/login/oauth`;
  const open = async () => {
    const library = await import('openid-client');
    return { library, server: configure(library, config, issuer, AbortSignal.timeout(deadlineMs)) };
  };
  return {
    id,
    issuer,
    begin: async (secrets, redirectUri) => {
      const { library, server } = await open();
      const scope = 'read:user user:email';
      return authorizationUrl(library, server, { secrets, redirectUri, scope, isOidc: false });
    },
    prove: async ({ state, verifier }, returned) => {
      try {
        const { library, server } = await open();
        const checks = { expectedState: state, pkceCodeVerifier: verifier };
        const tokens = await library.authorizationCodeGrant(server, returned, checks);
        const get = (path: string) => askApi(library, server, `${apiOf(site)}${path}`, tokens.access_token);
        const user = userSchema.parse(await get('/user'));
        const emails = emailsSchema.parse(await get('/user/emails?per_page=100'));
        return identityOf(issuer, user, emails);
      } catch (error) {
        throw outsideFailure(id, error);
      }
    },
  };
}

function configure(
  library: Library,
  { clientId, clientSecret }: OutsideLoginConfig,
  issuer: string,
  deadline: AbortSignal,
): Configuration {
  const metadata = {
    issuer,
    authorization_endpoint: `${issuer}/authorize`,
    token_endpoint: `${issuer}/access_token`,
  };
  const auth = clientSecret === undefined ? library.None() : library.ClientSecretPost(clientSecret);
  const config = new library.Configuration(metadata, clientId, undefined, auth);
  const fetch = createBoundedFetch(new URL(issuer), deadline);
  config[library.customFetch] = (url, init) => fetch(url, init as RequestInit);
  if (isLoopback(new URL(issuer))) library.allowInsecureRequests(config);
  return config;
}

async function askApi(library: Library, server: Configuration, url: string, token: string): Promise<unknown> {
  const headers = new Headers({
    accept: 'application/vnd.github+json',
    'x-github-api-version': '2022-11-28',
    'user-agent': 'rios',
  });
  const response = await library.fetchProtectedResource(server, token, new URL(url), 'GET', null, headers);
  if (response.status !== 200) throw new TypeError(`the API answered ${response.status}`);
  return response.json();
}

function identityOf(
  issuer: string,
  user: z.infer<typeof userSchema>,
  emails: z.infer<typeof emailsSchema>,
): OutsideIdentity {
  const primary = emails.find((one) => one.primary);
  return {
    issuer,
    subject: String(user.id),
    email: verifiedEmail(primary?.email, primary?.verified === true),
    displayName: shownName(user.name, user.login),
  };
}
