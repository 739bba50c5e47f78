import type { Role } from '@rios/sdk/api/roles';
import { RiosError } from '@rios/sdk/errors/error';
import { getModel } from '../store/models.ts';
import { findMemberRole } from '../store/orgs.ts';
import type { Store } from '../store/store.ts';

/** What of a caller decides; a principal, or nobody. */
export interface Asker {
  readonly accountId: string;
  readonly role: Role | null;
  readonly tokenKind?: 'local' | 'api' | 'session' | 'oauth';
}

/** What is to be done with an object. */
export type Access = 'read' | 'change';

/** Roles in an organisation that may change its objects; every member may read them. */
const MAY_CHANGE: readonly Role[] = ['admin', 'developer'];

/**
 * Whether a caller may touch an object of `ownerId`: its own, one of an organisation that the person is a member
 * of (a session only: a token acts for one account), or any for the network's admin.
 */
export async function mayAccess(
  store: Store,
  caller: Asker,
  ownerId: string,
  access: Access,
): Promise<boolean> {
  if (caller.role === null) return false;
  if (caller.role === 'admin' || caller.accountId === ownerId) return true;
  if (caller.tokenKind !== 'session') return false;
  const role = await findMemberRole(store, ownerId, caller.accountId);
  return role !== undefined && (access === 'read' || MAY_CHANGE.includes(role));
}

/**
 * The same as a check. What one may not read is not there: the answer is that of an object that does not exist.
 * @throws RiosError NOT_FOUND with `missing`; AUTH_FORBIDDEN when it may be read but not changed.
 */
export async function checkAccess(
  store: Store,
  caller: Asker,
  object: { ownerId: string; access: Access; missing: RiosError },
): Promise<void> {
  if (await mayAccess(store, caller, object.ownerId, object.access)) return;
  if (object.access === 'change' && (await mayAccess(store, caller, object.ownerId, 'read'))) {
    throw new RiosError('AUTH_FORBIDDEN', 'your role in the organisation allows reading only');
  }
  throw object.missing;
}

/**
 * Models are there for everybody who may use the network, but only their owner changes them.
 * @throws RiosError NOT_FOUND_MODEL, AUTH_FORBIDDEN
 */
export async function checkModelChange(store: Store, caller: Asker, name: string): Promise<void> {
  const model = await getModel(store, name);
  if (model === undefined) throw new RiosError('NOT_FOUND_MODEL', `there is no model ${name}`);
  if (await mayAccess(store, caller, model.accountId, 'change')) return;
  throw new RiosError('AUTH_FORBIDDEN', `the model ${name} belongs to another account`);
}
