import { SCOPES } from '@rios/sdk/api/route';
import { RiosError } from '@rios/sdk/errors/error';
import type { Principal } from '../../auth/principal.ts';
import type { Caller } from '../../gateway/endpoint.ts';

/** Who calls, in full. A caller that was not found by auth/principal.ts has no part in accounts. */
export function principalOf(caller: Caller): Principal {
  const { role, tokenKind, actorId, sessionId = null } = caller;
  if (role === null || tokenKind === undefined || actorId === undefined) {
    throw new RiosError('AUTH_REQUIRED', 'this needs a token of an account');
  }
  const scopes = new Set(SCOPES.filter((scope) => caller.scopes.has(scope)));
  return { ...caller, role, scopes, tokenKind, actorId, sessionId };
}
