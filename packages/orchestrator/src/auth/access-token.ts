import type { Clock } from '@rios/sdk/clock';
import { idSchema } from '@rios/sdk/schema/common';
import type { JWTPayload } from 'jose';
import { z } from 'zod';
import type { SigningKeys } from './signing-keys.ts';

/** How long an access token lives. */
export const ACCESS_TTL_MS = 15 * 60_000;

/** Type in the header (RFC 9068): no other JWT of ours is taken for an access token. */
const TYPE = 'at+jwt';

export interface AccessClaims {
  readonly accountId: string;
  readonly sessionId: string;
}

/** Short-lived JWTs, EdDSA, for one network (`aud`) from one issuer (`iss`). */
export interface AccessTokens {
  issue(claims: AccessClaims): Promise<{ text: string; expiresAt: number }>;
  /**
   * What a token says, when it was signed by a key of ours for this network and has not expired. Undefined for
   * anything else: another algorithm, none, a changed byte, another audience or issuer.
   */
  verify(text: string): Promise<AccessClaims | undefined>;
}

const claimsSchema = z.object({ sub: idSchema, sid: idSchema, exp: z.int() });

export function createAccessTokens(modules: {
  readonly keys: SigningKeys;
  readonly clock: Clock;
  readonly issuer: string;
  readonly audience: string;
}): AccessTokens {
  const { keys, clock, issuer, audience } = modules;
  return {
    issue: async ({ accountId, sessionId }) => {
      const { SignJWT } = await import('jose');
      const key = await keys.current();
      const issuedAt = Math.floor(clock.now() / 1000);
      const expiresAt = issuedAt + ACCESS_TTL_MS / 1000;
      const jwk = { kty: 'OKP', crv: 'Ed25519', x: key.publicKey, d: key.privateKey };
      const text = await new SignJWT({ sid: sessionId })
        .setProtectedHeader({ alg: 'EdDSA', kid: key.kid, typ: TYPE })
        .setSubject(accountId)
        .setIssuer(issuer)
        .setAudience(audience)
        .setIssuedAt(issuedAt)
        .setExpirationTime(expiresAt)
        .sign(jwk);
      return { text, expiresAt: expiresAt * 1000 };
    },
    verify: async (text) => {
      const payload = await verifySignature(text, modules);
      const claims = claimsSchema.safeParse(payload);
      return claims.success ? { accountId: claims.data.sub, sessionId: claims.data.sid } : undefined;
    },
  };
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
