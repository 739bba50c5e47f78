import type { Role } from '@rios/sdk/api/roles';
import { RiosError } from '@rios/sdk/errors/error';
import type { Whoami } from '@rios/sdk/schema/account';
import { normaliseEmail } from '../../auth/email.ts';
import { checkPassword } from '../../auth/password-policy.ts';
import type { Principal } from '../../auth/principal.ts';
import { appendAudit } from '../../store/audit.ts';
import { listOrgsOf } from '../../store/orgs.ts';
import { revokeSessions } from '../../store/sessions.ts';
import { findUserByEmail, getUser, type UserRow, updateUser } from '../../store/users.ts';
import { mails } from './mails.ts';
import type { UserModules } from './modules.ts';
import { proveIdentity } from './prove-identity.ts';

/** Who the caller is, and what its token may. */
export async function whoami({ store }: UserModules, caller: Principal): Promise<Whoami> {
  const user = await getUser(store, caller.actorId);
  const orgs = await listOrgsOf(store, caller.actorId);
  return {
    accountId: caller.accountId,
    name: caller.name,
    email: user?.email ?? null,
    displayName: user?.display_name ?? null,
    role: caller.role,
    scopes: [...caller.scopes],
    tokenKind: caller.tokenKind,
    totp: user !== undefined && user.totp_confirmed_at !== null,
    orgs: orgs.map(({ name, role }) => ({ name, role })),
  };
}

/** The person of a session. @throws RiosError AUTH_FORBIDDEN for the local account and for API tokens */
export async function personOf({ store }: UserModules, caller: Principal): Promise<UserRow> {
  const user = caller.tokenKind === 'session' ? await getUser(store, caller.actorId) : undefined;
  if (user !== undefined) return user;
  throw new RiosError('AUTH_FORBIDDEN', 'only a person who is logged in may do this', {
    hint: 'Log in: rios login.',
  });
}

export async function updateProfile(
  { store }: UserModules,
  user: UserRow,
  { displayName }: { displayName: string },
): Promise<void> {
  await updateUser(store, user.account_id, { display_name: displayName });
}

/**
 * Changes the password; every other session ends.
 * @throws RiosError AUTH_LOGIN_FAILED, AUTH_SECOND_FACTOR, USER_PASSWORD_WEAK, AUTH_TOO_MANY_ATTEMPTS
 */
export async function changePassword(
  modules: UserModules,
  user: UserRow,
  given: {
    password: string;
    newPassword: string;
    code?: string | undefined;
    address: string;
    sessionId: string | null;
  },
): Promise<void> {
  const { store, clock, hasher, post } = modules;
  checkPassword(given.newPassword, user.email);
  await proveIdentity(modules, user, given);
  const passwordHash = await hasher.hash(given.newPassword);
  const accountId = user.account_id;
  const now = clock.now();
  const others = given.sessionId === null ? {} : { except: given.sessionId };
  await store.transaction().execute(async (tx) => {
    await updateUser(tx, accountId, { password_hash: passwordHash });
    await revokeSessions(tx, { accountId, ...others, now, reason: 'password changed' });
    await appendAudit(tx, { at: now, actor: accountId, action: 'password.changed', subject: accountId });
  });
  await post.notify(mails.changed(user.email));
}

/** Gives a person another role in the network. @throws RiosError NOT_FOUND */
export async function setRole(
  { store, clock }: UserModules,
  actorId: string,
  given: { email: string; role: Role },
): Promise<void> {
  const email = normaliseEmail(given.email);
  const found = await store.transaction().execute(async (tx) => {
    const user = await findUserByEmail(tx, email);
    if (user === undefined) return false;
    await updateUser(tx, user.account_id, { role: given.role });
    await appendAudit(tx, {
      at: clock.now(),
      actor: actorId,
      action: 'role.changed',
      subject: user.account_id,
      details: { role: given.role },
    });
    return true;
  });
  if (!found) throw new RiosError('NOT_FOUND', 'nobody has this address');
}
