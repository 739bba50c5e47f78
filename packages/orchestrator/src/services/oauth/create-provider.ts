import type { EventEmitter } from 'node:events';
import { SCOPES } from '@rios/sdk/api/route';
import { sha256Of } from '@rios/sdk/crypto/hash';
import { RiosError } from '@rios/sdk/errors/error';
import type { Log } from '@rios/sdk/log';
import { CLI_CLIENT_ID } from '@rios/sdk/schema/oauth';
import type { ClientMetadata, Configuration, KoaContextWithOIDC, Provider } from 'oidc-provider';
import { ACCESS_TTL_MS } from '../../auth/access-token.ts';
import type { SigningKey } from '../../auth/signing-keys.ts';
import { logFailure } from '../../gateway/log-failure.ts';
import { createOauthAdapters } from '../../store/oauth-adapter.ts';
import { getUser } from '../../store/users.ts';
import type { PageModules } from './device-page.ts';
import { OAUTH_PATHS } from './oauth-paths.ts';
import { messagePage, pageHeaders } from './pages.ts';
import { POLL_INTERVAL_S, signTokens } from './sign-tokens.ts';

export interface ProviderModules extends PageModules {
  readonly signingKey: SigningKey;
  readonly log: Log;
}

/** Seconds that codes and interactions live. */
const DEVICE_CODE_S = 600;
const CODE_S = 60;
const INTERACTION_S = 600;
const SESSION_S = 30 * 86_400;

/** The library (oidc-provider), set up for us: loaded here, at the first call. */
export async function createProvider(modules: ProviderModules): Promise<Provider> {
  const { Provider: Library, errors } = await import('oidc-provider');
  const adapter = createOauthAdapters({
    ...modules,
    pollIntervalMs: POLL_INTERVAL_S * 1000,
    refusals: {
      reused: () => new errors.InvalidGrant('it was used before'),
      tooOften: () => new errors.SlowDown(),
    },
  });
  const provider = new Library(modules.publicUrl(), { ...configuration(modules), adapter });
  // addresses come from the Host and X-Forwarded-Proto that oauth-server.ts sets from our own public URL
  provider.proxy = true;
  Object.assign(provider.Client.prototype, CLIENT_RULES);
  provider.use(signTokens(modules));
  provider.use(forgetBrowser);
  provider.on('server_error', (ctx, error) => tellFailure(ctx, error, modules.log));
  const events: EventEmitter = provider;
  events.on('error', (error: unknown) => logFailure(modules.log, error, ''));
  return provider;
}

/** A browser is logged in for one answer only: the next authorisation may be somebody else's. */
async function forgetBrowser(ctx: KoaContextWithOIDC, next: () => Promise<void>): Promise<void> {
  await next();
  if (ctx.oidc?.route === 'resume') await ctx.oidc.session?.destroy();
}

/** What failed here goes to the log; what may work later is said so, by the standard's name for it. */
function tellFailure(ctx: KoaContextWithOIDC, error: unknown, log: Log): void {
  logFailure(log, error, String(ctx.res.getHeader('x-request-id') ?? ''));
  if (!(error instanceof RiosError) || !error.retryable) return;
  ctx.status = error.status;
  if (typeof ctx.body === 'object')
    ctx.body = { error: 'temporarily_unavailable', error_description: error.message };
}

/** Secrets are kept as their hash; redirect URIs are compared whole, ports of loopback too. */
const CLIENT_RULES = {
  compareClientSecret(this: { clientSecret?: string }, given: string): boolean {
    return sha256Of(Buffer.from(given)) === this.clientSecret;
  },
  redirectUriAllowed(this: { redirectUris?: readonly string[] }, uri: string): boolean {
    return this.redirectUris?.includes(uri) === true;
  },
};

/** How long each thing lives, seconds. */
const LIFETIMES: NonNullable<Configuration['ttl']> = {
  AccessToken: ACCESS_TTL_MS / 1000,
  ClientCredentials: ACCESS_TTL_MS / 1000,
  AuthorizationCode: CODE_S,
  DeviceCode: DEVICE_CODE_S,
  Interaction: INTERACTION_S,
  Session: INTERACTION_S,
  Grant: SESSION_S,
  IdToken: ACCESS_TTL_MS / 1000,
  // the session ends when it ends, however often it is refreshed
  RefreshToken: ({ oidc }) => Math.max(1, (oidc.entities.Grant?.exp ?? 0) - Math.floor(Date.now() / 1000)),
};

/** `rios login`, which every orchestrator knows; it has no secret to keep. */
const CLI_CLIENT: ClientMetadata = {
  client_id: CLI_CLIENT_ID,
  client_name: 'RiOS command line',
  token_endpoint_auth_method: 'none',
  grant_types: ['urn:ietf:params:oauth:grant-type:device_code', 'refresh_token'],
  redirect_uris: [],
  response_types: [],
};

function configuration({ store, signingKey }: ProviderModules): Configuration {
  const { kid, publicKey: x, privateKey: d } = signingKey;
  return {
    clients: [CLI_CLIENT],
    clientDefaults: { id_token_signed_response_alg: 'EdDSA' },
    jwks: { keys: [{ kty: 'OKP', crv: 'Ed25519', alg: 'EdDSA', use: 'sig', kid, x, d }] },
    scopes: [...SCOPES],
    routes: OAUTH_PATHS,
    responseTypes: ['code'],
    pkce: { required: () => true },
    // a page of the program itself may trade its code; no other page may
    clientBasedCORS: (_ctx, origin, { redirectUris = [] }) =>
      redirectUris.some((uri) => new URL(uri).origin === origin),
    extraParams: ['device_name'],
    features: features(),
    interactions: { url: (_ctx, { uid }) => `/oauth/interaction/${uid}` },
    cookies: { names: { session: 'rios_oauth', interaction: 'rios_interaction', resume: 'rios_resume' } },
    findAccount: async (_ctx, accountId) => {
      const user = await getUser(store, accountId);
      return user && { accountId, claims: async () => ({ sub: accountId }) };
    },
    // every authorisation is asked for, and is a session of its own
    loadExistingGrant: async ({ oidc }) => {
      const grantId = oidc.result?.consent?.grantId;
      return grantId === undefined ? undefined : oidc.provider.Grant.find(grantId);
    },
    issueRefreshToken: async (_ctx, client) => client.grantTypeAllowed('refresh_token'),
    rotateRefreshToken: () => true,
    revokeGrantPolicy: () => true,
    expiresWithSession: async () => false,
    ttl: LIFETIMES,
    renderError: (ctx, out) => {
      ctx.set(Object.fromEntries(pageHeaders()));
      ctx.body = messagePage('This does not work', `${out.error}: ${out.error_description ?? ''}`);
    },
  };
}

function features(): Configuration['features'] {
  return {
    devInteractions: { enabled: false },
    dPoP: { enabled: false },
    userinfo: { enabled: false },
    rpInitiatedLogout: { enabled: false },
    pushedAuthorizationRequests: { enabled: false },
    resourceIndicators: { enabled: false },
    clientCredentials: { enabled: true },
    introspection: {
      enabled: true,
      // a program sees its own tokens only
      allowedPolicy: (_ctx, client, token) => token.clientId === client.clientId,
    },
    revocation: { enabled: true, allowedPolicy: (_ctx, client, token) => token.clientId === client.clientId },
    deviceFlow: {
      enabled: true,
      charset: 'base-20',
      mask: '****-****',
      deviceInfo: (ctx) => ({ address: ctx.req.socket.remoteAddress ?? '' }),
    },
  };
}
