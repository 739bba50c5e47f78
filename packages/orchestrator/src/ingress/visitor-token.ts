import type { IncomingHttpHeaders } from 'node:http';

/** Says who a visitor is where `Authorization` is the application's own. */
export const TOKEN_HEADER = 'x-rios-token';

/** The token that a request bears for the application's access rule, if any. */
export function visitorToken(headers: IncomingHttpHeaders): string | undefined {
  const given = headers[TOKEN_HEADER];
  if (typeof given === 'string' && given !== '') return given;
  return bearerOf(headers.authorization ?? '');
}

/**
 * Tells whether an Authorization header holds a credential of this network, by its shape: a secret of ours, or a JWT
 * of our issuer. No application sees one, be it valid or not; tokens of the application's own pass.
 */
export function createOwnCredentials(issuer: string): (authorization: string) => boolean {
  return (authorization) => {
    const token = bearerOf(authorization) ?? '';
    return /^rios[a-z]?_/.test(token) || issuerOfJwt(token) === issuer;
  };
}

const bearerOf = (authorization: string): string | undefined => /^Bearer +(\S+)$/i.exec(authorization)?.[1];

/** What a JWT says of its issuer, unchecked. */
function issuerOfJwt(token: string): unknown {
  const [, payload, signature] = token.split('.');
  if (payload === undefined || signature === undefined) return undefined;
  try {
    const claims: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString());
    return typeof claims === 'object' && claims !== null && 'iss' in claims ? claims.iss : undefined;
  } catch {
    return undefined;
  }
}
