import { SCOPES, type TokenScope } from './route.ts';

/** What a person or a program is to the network. */
export const ROLES = ['admin', 'developer', 'worker', 'viewer'] as const;
export type Role = (typeof ROLES)[number];

/**
 * What each role may at most. A token never gives more than the role of its account, whatever scopes it was made
 * with. `worker` lends a machine: it sees the network, and acts on it by its peer key, not by this API.
 */
export const ROLE_SCOPES: Readonly<Record<Role, readonly TokenScope[]>> = {
  admin: SCOPES,
  developer: ['inference', 'models', 'deployments', 'status', 'account'],
  worker: ['status', 'account'],
  viewer: ['status', 'account'],
};

/** The scopes that count for a call: those of the token that the role has too. */
export function effectiveScopes(role: Role, scopes: ReadonlySet<string>): ReadonlySet<TokenScope> {
  return new Set(ROLE_SCOPES[role].filter((scope) => scopes.has(scope)));
}
