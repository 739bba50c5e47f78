import { exportJWK, generateKeyPair, importJWK, type JWK, type JWTPayload, SignJWT } from 'jose';
import type Provider from 'oidc-provider';
import type { Configuration } from 'oidc-provider';
import { startServer } from './http-server.ts';
import { createMemoryAdapters } from './memory-adapter.ts';

export const CLIENT_ID = 'rios-test';
export const CLIENT_SECRET = 'a secret of the client, long enough';

/** What the issuer says of the one person who is logged in there. */
export interface Person {
  sub: string;
  email?: unknown;
  email_verified?: unknown;
  name?: unknown;
}

/** A real OpenID Connect issuer (oidc-provider) on loopback, where everybody is `person` and agrees to all. */
export interface OidcIssuer {
  readonly url: string;
  person: Person;
  /** Changes the claims of ID tokens, which are then signed anew with the issuer's own key. */
  forge: ((claims: JWTPayload) => JWTPayload) | undefined;
  /** Gives ID tokens a key that the issuer does not publish. */
  signWith: JWK | undefined;
  /** Named in the metadata in place of its own. */
  userInfoUrl: string | undefined;
  /** From now on other keys. */
  rotate(): Promise<void>;
  close(): Promise<void>;
}

export async function createSigningKey(kid: string): Promise<JWK> {
  const { privateKey } = await generateKeyPair('RS256', { extractable: true });
  return { ...(await exportJWK(privateKey)), kid, alg: 'RS256', use: 'sig' };
}

/** @param redirectUri that its one client registers */
export async function startOidcIssuer(redirectUri: string): Promise<OidcIssuer> {
  const server = await startServer((_, response) => response.writeHead(503).end());
  const adapter = createMemoryAdapters();
  let key = await createSigningKey('first');
  const issuer: OidcIssuer = {
    url: server.url,
    person: { sub: 'ada-1', email: 'ada@example.org', email_verified: true, name: 'Ada Lovelace' },
    forge: undefined,
    signWith: undefined,
    userInfoUrl: undefined,
    rotate: async () => {
      key = await createSigningKey('second');
      await open();
    },
    close: () => server.close(),
  };
  const open = async () => {
    const { default: OidcProvider } = await import('oidc-provider');
    const provider = new OidcProvider(server.url, {
      ...configuration(issuer, redirectUri, key),
      adapter,
    });
    provider.use(async (context, next) => {
      await next();
      if (context.path.startsWith('/.well-known/') && issuer.userInfoUrl !== undefined) {
        Object.assign(context.body as object, { userinfo_endpoint: issuer.userInfoUrl });
      }
      if (context.path === '/token') await forgeToken(context as { body: unknown }, issuer, key);
    });
    const answer = provider.callback();
    server.listener = (request, response) => {
      if (request.url?.startsWith('/interaction/')) void logIn(provider, issuer, request, response);
      else void answer(request, response);
    };
  };
  await open();
  return issuer;
}

async function logIn(
  provider: Provider,
  issuer: OidcIssuer,
  ...[request, response]: Parameters<Provider['interactionDetails']>
) {
  const { prompt } = await provider.interactionDetails(request, response);
  const result = prompt.name === 'login' ? { login: { accountId: issuer.person.sub } } : { consent: {} };
  await provider.interactionFinished(request, response, result);
}

async function forgeToken(context: { body: unknown }, issuer: OidcIssuer, key: JWK): Promise<void> {
  const body = context.body as { id_token?: string } | undefined;
  if (body?.id_token === undefined || (issuer.forge === undefined && issuer.signWith === undefined)) return;
  const claims = JSON.parse(
    Buffer.from(body.id_token.split('.')[1] ?? '', 'base64url').toString(),
  ) as JWTPayload;
  const signer = await importJWK(issuer.signWith ?? key, 'RS256');
  const forged = issuer.forge?.(claims) ?? claims;
  body.id_token = await new SignJWT(forged)
    .setProtectedHeader({ alg: 'RS256', kid: key.kid ?? '' })
    .sign(signer);
}

function configuration(issuer: OidcIssuer, redirectUri: string, key: JWK): Configuration {
  return {
    clients: [
      {
        client_id: CLIENT_ID,
        client_secret: CLIENT_SECRET,
        redirect_uris: [redirectUri],
        response_types: ['code'],
      },
    ],
    jwks: { keys: [key as never] },
    cookies: { keys: ['a key of the cookies of the test'] },
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] },
    features: { devInteractions: { enabled: false } },
    pkce: { required: () => true },
    ttl: {
      AccessToken: 600,
      AuthorizationCode: 60,
      Grant: 600,
      IdToken: 600,
      Interaction: 600,
      Session: 600,
    },
    findAccount: async (_context, sub) => ({
      accountId: sub,
      claims: async () => ({ ...issuer.person }) as { sub: string },
    }),
    loadExistingGrant: async (context) => {
      const { provider, session, client, params } = context.oidc;
      const grant = new provider.Grant({
        accountId: session?.accountId ?? '',
        clientId: client?.clientId ?? '',
      });
      grant.addOIDCScope(String(params?.scope));
      await grant.save();
      return grant;
    },
  };
}
