import type { AnyRoute } from '@rios/sdk/api/route';
import { RiosError } from '@rios/sdk/errors/error';
import { ANONYMOUS, type Caller } from './endpoint.ts';

/** Finds who a token belongs to; undefined for an unknown or revoked one. */
export type FindCaller = (token: string) => Promise<Caller | undefined>;

/** No token of ours is longer. */
const MAX_TOKEN_CHARS = 512;

/**
 * Decides whether the bearer of `authorization` may call `route`. Whatever is not public needs a token with the
 * route's scope.
 * @throws RiosError AUTH_REQUIRED (no or unknown token), AUTH_FORBIDDEN (scope missing)
 */
export async function authenticate(
  route: Pick<AnyRoute, 'scope'>,
  authorization: string | undefined,
  findCaller: FindCaller,
): Promise<Caller> {
  if (route.scope === 'public') return ANONYMOUS;
  const token = /^Bearer +(\S+)$/i.exec(authorization ?? '')?.[1];
  if (token === undefined) throw new RiosError('AUTH_REQUIRED', 'this needs an API token');
  const caller = token.length > MAX_TOKEN_CHARS ? undefined : await findCaller(token);
  if (caller === undefined) throw new RiosError('AUTH_REQUIRED', 'the API token is not valid');
  if (!caller.scopes.has(route.scope)) {
    throw new RiosError('AUTH_FORBIDDEN', `the API token lacks the scope ${route.scope}`, {
      details: { scope: route.scope },
    });
  }
  return caller;
}
