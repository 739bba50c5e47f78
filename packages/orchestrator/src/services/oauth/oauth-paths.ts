/** Paths of our OAuth 2.0 server; public, as the well-known documents tell them. */
export const OAUTH_PATHS = {
  authorization: '/oauth/authorize',
  token: '/oauth/token',
  device_authorization: '/oauth/device_authorization',
  code_verification: '/oauth/device',
  introspection: '/oauth/introspect',
  revocation: '/oauth/revoke',
  jwks: '/v1/.well-known/jwks.json',
  end_session: '/oauth/end-session',
} as const;

/** What serves a path: the library, one of our pages, or nobody. */
export type OauthPart = 'library' | 'device' | 'consent';

const UID = '[A-Za-z0-9_-]{1,64}';
const PARTS: readonly (readonly [OauthPart, RegExp])[] = [
  ['library', new RegExp(`^GET ${OAUTH_PATHS.authorization}(/${UID})?$`)],
  ['library', /^GET \/\.well-known\/(oauth-authorization-server|openid-configuration)$/],
  ['library', /^POST \/oauth\/(token|device_authorization|introspect|revoke)$/],
  ['device', /^(GET|POST) \/oauth\/device$/],
  ['consent', new RegExp(`^(GET|POST) /oauth/interaction/${UID}$`)],
];

/** Which part of the OAuth 2.0 server answers; undefined when none does. */
export const oauthPartOf = (method: string, path: string): OauthPart | undefined =>
  PARTS.find(([, pattern]) => pattern.test(`${method} ${path}`))?.[0];
