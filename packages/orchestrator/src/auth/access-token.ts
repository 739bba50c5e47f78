import type { Clock } from '@rios/sdk/clock';
import { idSchema } from '@rios/sdk/schema/common';
import type { JWTPayload } from 'jose';
import { z } from 'zod';
import type { SigningKeys } from './signing-keys.ts';

/** How long an access token lives. */
export const ACCESS_TTL_MS = 15 * 60_000;

/** Type in the header (RFC 9068): no other JWT of ours is taken for an access token. */
const TYPE = 'at+jwt';

/** Of a login: everything that the person's role allows. */
export interface SessionClaims {
  readonly accountId: string;
  readonly sessionId: string;
}

/** What every token has that our OAuth 2.0 server gave: it ends with its row in the store. */
interface OauthClaims {
  readonly clientId: string;
  readonly tokenId: string;
  readonly scopes: readonly string[];
}

/** Of a program that a person let in, within the scopes and that person's session. */
export interface GrantClaims extends SessionClaims, OauthClaims {}

/** Of a program by itself (client credentials). */
export interface ClientClaims extends OauthClaims {
  readonly accountId?: undefined;
}

export type AccessClaims = SessionClaims | GrantClaims | ClientClaims;

/** Short-lived JWTs, EdDSA, for one network (`aud`) from one issuer (`iss`). */
export interface AccessTokens {
  issue(claims: AccessClaims): Promise<{ text: string; expiresAt: number }>;
  /**
   * What a token says, when it was signed by a key of ours for this network and has not expired. Undefined for
   * anything else: another algorithm, none, a changed byte, another audience or issuer.
   */
  verify(text: string): Promise<AccessClaims | undefined>;
}

const sessionSchema = z.object({ sub: idSchema, sid: idSchema, client_id: z.undefined().optional() });
const oauthSchema = z.object({
  sub: z.string(),
  sid: idSchema.optional(),
  client_id: z.string(),
  jti: z.string(),
  scope: z.string(),
});

export function createAccessTokens(modules: {
  readonly keys: SigningKeys;
  readonly clock: Clock;
  readonly issuer: string;
  readonly audience: string;
}): AccessTokens {
  const { keys, clock, issuer, audience } = modules;
  return {
    issue: async (claims) => {
      const { SignJWT } = await import('jose');
      const key = await keys.current();
      const issuedAt = Math.floor(clock.now() / 1000);
      const expiresAt = issuedAt + ACCESS_TTL_MS / 1000;
      const jwk = { kty: 'OKP', crv: 'Ed25519', x: key.publicKey, d: key.privateKey };
      const text = await new SignJWT(toPayload(claims))
        .setProtectedHeader({ alg: 'EdDSA', kid: key.kid, typ: TYPE })
        .setIssuer(issuer)
        .setAudience(audience)
        .setIssuedAt(issuedAt)
        .setExpirationTime(expiresAt)
        .sign(jwk);
      return { text, expiresAt: expiresAt * 1000 };
    },
    verify: async (text) => fromPayload(await verifySignature(text, modules)),
  };
}

/** RFC 9068: a program by itself is its own subject. */
function toPayload(claims: AccessClaims): JWTPayload {
  const session = claims.accountId === undefined ? {} : { sid: claims.sessionId };
  if (!('clientId' in claims)) return { sub: claims.accountId, ...session };
  const { clientId, tokenId: jti, scopes } = claims;
  return { sub: claims.accountId ?? clientId, ...session, client_id: clientId, jti, scope: scopes.join(' ') };
}

function fromPayload(payload: JWTPayload | undefined): AccessClaims | undefined {
  const session = sessionSchema.safeParse(payload);
  if (session.success) return { accountId: session.data.sub, sessionId: session.data.sid };
  const oauth = oauthSchema.safeParse(payload);
  if (!oauth.success) return undefined;
  const { sub, sid, client_id: clientId, jti: tokenId, scope } = oauth.data;
  const claims = { clientId, tokenId, scopes: scope.split(' ') };
  if (sid !== undefined) return { ...claims, accountId: sub, sessionId: sid };
  return sub === clientId ? claims : undefined;
}

async function verifySignature(
  text: string,
  { keys, clock, issuer, audience }: Parameters<typeof createAccessTokens>[0],
): Promise<JWTPayload | undefined> {
  const { errors, jwtVerify } = await import('jose');
  try {
    const { payload } = await jwtVerify(
      text,
      async ({ kid }) => {
        const publicKey = typeof kid === 'string' ? await keys.find(kid) : undefined;
        if (publicKey === undefined) throw new errors.JWKSNoMatchingKey();
        return { kty: 'OKP', crv: 'Ed25519', x: publicKey };
      },
      { algorithms: ['EdDSA'], typ: TYPE, issuer, audience, currentDate: new Date(clock.now()) },
    );
    return payload;
  } catch (error) {
    if (error instanceof errors.JOSEError) return undefined;
    throw error;
  }
}
