import { effectiveScopes } from '@rios/sdk/api/roles';
import type { AnyRoute } from '@rios/sdk/api/route';
import { RiosError } from '@rios/sdk/errors/error';
import { ANONYMOUS, type Caller } from './endpoint.ts';

/** Finds who a token belongs to; undefined for an unknown, expired or revoked one. */
export type FindCaller = (token: string) => Promise<Caller | undefined>;

export interface Authenticated {
  readonly caller: Caller;
  /** False on public routes: nobody was looked up. */
  readonly known: boolean;
}

/** No token of ours is longer; a JWT stays well below. */
const MAX_TOKEN_CHARS = 4096;

/**
 * Finds the bearer of `authorization`. Nobody is looked up on public routes.
 * @throws RiosError AUTH_REQUIRED (no or unknown token)
 */
export async function authenticate(
  route: Pick<AnyRoute, 'scope'>,
  authorization: string | undefined,
  findCaller: FindCaller,
): Promise<Authenticated> {
  if (route.scope === 'public') return { caller: ANONYMOUS, known: false };
  const token = /^Bearer +(\S+)$/i.exec(authorization ?? '')?.[1];
  if (token === undefined) throw new RiosError('AUTH_REQUIRED', 'this needs an API token');
  const caller = token.length > MAX_TOKEN_CHARS ? undefined : await findCaller(token);
  if (caller === undefined) throw new RiosError('AUTH_REQUIRED', 'the API token is not valid');
  return { caller, known: true };
}

/**
 * Lets a caller through to `route` when both its role and its token have the route's scope, or its other one;
 * whatever is not said there is refused.
 * @throws RiosError AUTH_FORBIDDEN
 */
export function authorise(
  { scope, orScope }: Pick<AnyRoute, 'scope' | 'orScope'>,
  { role, scopes }: Caller,
): void {
  if (scope === 'public' || (scope === 'any' && role !== null)) return;
  const given = role === null ? undefined : effectiveScopes(role, scopes);
  if (scope !== 'any' && given?.has(scope)) return;
  if (orScope !== undefined && given?.has(orScope)) return;
  const what = scope !== 'any' && scopes.has(scope) ? `the role ${role} lacks` : 'the API token lacks';
  throw new RiosError('AUTH_FORBIDDEN', `${what} the scope ${scope}`, { details: { scope } });
}
