import { RiosError } from '@rios/sdk/errors/error';
import { createId } from '@rios/sdk/ids';
import type { SessionTokens } from '@rios/sdk/schema/account';
import { forgive, takeAttempt } from '../../../auth/throttle.ts';
import { appendAudit } from '../../../store/audit.ts';
import { deleteOutsideAttempt } from '../../../store/outside-attempts.ts';
import {
  findOutsideIdentity,
  insertOutsideIdentity,
  touchOutsideIdentity,
} from '../../../store/outside-identities.ts';
import type { Store } from '../../../store/store.ts';
import { findUserByEmail, getUser, type UserRow } from '../../../store/users.ts';
import { createPerson } from '../create-person.ts';
import { noteFailure } from '../login.ts';
import { addressSubject, loginSubject } from '../modules.ts';
import { checkSecondFactor } from '../prove-identity.ts';
import { openSession } from '../sessions.ts';
import { type ConfirmedAttempt, confirmedAttempt } from './confirmed-attempt.ts';
import { attemptEnded, type OutsideModules } from './outside-modules.ts';

export interface CompleteOutside {
  readonly claim: string;
  readonly code?: string | undefined;
  readonly address: string;
}

/**
 * Gives the session of an outside login that the person said yes to, once. An identity that nobody has linked makes
 * an account of its verified address; it never opens one that has that address already: who owns an address at a
 * provider need not be who owns the account.
 * @throws RiosError AUTH_OUTSIDE_PENDING, AUTH_OUTSIDE_REFUSED, AUTH_OUTSIDE_ENDED, AUTH_OUTSIDE_UNLINKED,
 * AUTH_SECOND_FACTOR (the claim stays good), AUTH_LOGIN_FAILED, AUTH_TOO_MANY_ATTEMPTS
 */
export async function completeOutside(
  modules: OutsideModules,
  given: CompleteOutside,
): Promise<SessionTokens> {
  const { store } = modules;
  const confirmed = await confirmedAttempt(modules, given.claim, null);
  const linked = await findOutsideIdentity(store, confirmed.identity);
  const user = linked && (await getUser(store, linked.account_id));
  if (user !== undefined) await proveCode(modules, user, given);
  const opened = await store
    .transaction()
    .execute((tx) => claimAccount(modules, tx, confirmed, linked?.account_id));
  const { attempt } = confirmed;
  await forgive(store, loginSubject(opened.email), addressSubject(attempt.address));
  const { accountId } = opened;
  return openSession(modules, { accountId, client: attempt.client, address: given.address });
}

async function proveCode(
  modules: OutsideModules,
  user: UserRow,
  { code, address }: CompleteOutside,
): Promise<void> {
  if (code !== undefined) await takeAttempt(modules, [addressSubject(address), loginSubject(user.email)]);
  try {
    await checkSecondFactor(modules, user, code);
  } catch (error) {
    if (code !== undefined) await noteFailure(modules, user.email, address);
    throw error;
  }
}

/** Uses the attempt up. `provenId` is the account whose second factor was asked for; it must still be the one. */
async function claimAccount(
  modules: OutsideModules,
  tx: Store,
  { attempt, identity }: ConfirmedAttempt,
  provenId: string | undefined,
): Promise<{ accountId: string; email: string }> {
  const now = modules.clock.now();
  const linked = await findOutsideIdentity(tx, identity);
  if (linked?.account_id !== provenId || !(await deleteOutsideAttempt(tx, attempt.claim_sha256))) {
    throw attemptEnded();
  }
  if (linked !== undefined) {
    await touchOutsideIdentity(tx, linked.id, now);
    const user = await getUser(tx, linked.account_id);
    return { accountId: linked.account_id, email: user?.email ?? '' };
  }
  return createAccount(modules, tx, { attempt, identity }, now);
}

async function createAccount(
  { blobQuotaBytes }: OutsideModules,
  tx: Store,
  { attempt, identity }: ConfirmedAttempt,
  now: number,
): Promise<{ accountId: string; email: string }> {
  const { email, issuer, subject } = identity;
  if (email === undefined) {
    throw new RiosError('AUTH_OUTSIDE_REFUSED', `${attempt.login} has verified no address of this person`, {
      hint: 'Verify the address there, or sign up with a password: rios signup.',
    });
  }
  if ((await findUserByEmail(tx, email)) !== undefined) {
    throw new RiosError('AUTH_OUTSIDE_UNLINKED', `the account of ${email} is not opened by ${attempt.login}`);
  }
  const displayName = identity.displayName ?? 'unnamed';
  const accountId = await createPerson(tx, { email, displayName, passwordHash: '', blobQuotaBytes }, now);
  const id = createId('oid', now);
  const { login } = attempt;
  const times = { created_at: now, last_used_at: now };
  await insertOutsideIdentity(tx, { id, account_id: accountId, login, issuer, subject, email, ...times });
  await appendAudit(tx, {
    at: now,
    actor: accountId,
    action: 'outside.linked',
    subject: id,
    details: { login },
  });
  return { accountId, email };
}
