import type { KoaContextWithOIDC } from 'oidc-provider';
import type { UserModules } from '../users/modules.ts';

/** Seconds between two questions of a waiting device. */
export const POLL_INTERVAL_S = 2;

/**
 * After the library: puts our JWT in place of the library's opaque access token, whose id it carries, and says
 * what else a client of ours wants to know. The opaque one opens nothing.
 */
export function signTokens({ accessTokens }: Pick<UserModules, 'accessTokens'>) {
  return async (ctx: KoaContextWithOIDC, next: () => Promise<void>): Promise<void> => {
    await next();
    const { body } = ctx;
    if (typeof body !== 'object' || body === null) return;
    if ('device_code' in body) Object.assign(body, { interval: POLL_INTERVAL_S });
    if ('access_token' in body) Object.assign(body, await signed(ctx, accessTokens));
  };
}

async function signed(ctx: KoaContextWithOIDC, accessTokens: UserModules['accessTokens']): Promise<object> {
  const {
    AccessToken: token,
    ClientCredentials: own,
    RefreshToken: refresh,
    Client: client,
  } = ctx.oidc.entities;
  if (own !== undefined) {
    const scope = own.scope ?? client?.scope ?? '';
    const claims = { clientId: own.clientId ?? '', tokenId: own.jti, scopes: scope.split(' ') };
    const { text } = await accessTokens.issue(claims);
    return { access_token: text, scope };
  }
  const scopes = (token?.scope ?? '').split(' ');
  const { accountId = '', grantId: sessionId = '', clientId = '', jti = '' } = token ?? {};
  const claims = { accountId, sessionId, clientId, tokenId: jti, scopes };
  const { text } = await accessTokens.issue(claims);
  const refreshes = refresh === undefined ? {} : { refresh_expires_in: refresh.remainingTTL };
  return { access_token: text, session_id: sessionId, ...refreshes };
}
