import { RiosError } from '@rios/sdk/errors/error';
import { createId } from '@rios/sdk/ids';
import type { OutsideIdentityView, StartedOutside } from '@rios/sdk/schema/outside';
import { forgive, takeAttempt } from '../../../auth/throttle.ts';
import { appendAudit } from '../../../store/audit.ts';
import { deleteOutsideAttempt } from '../../../store/outside-attempts.ts';
import {
  deleteOutsideIdentity,
  findOutsideIdentity,
  insertOutsideIdentity,
  listOutsideIdentitiesOf,
  type OutsideIdentityRow,
} from '../../../store/outside-identities.ts';
import type { Store } from '../../../store/store.ts';
import { getUser, type UserRow } from '../../../store/users.ts';
import { mails } from '../mails.ts';
import { addressSubject, loginSubject } from '../modules.ts';
import { checkSecondFactor, proveIdentity } from '../prove-identity.ts';
import { beginOutside } from './begin.ts';
import { type ConfirmedAttempt, confirmedAttempt } from './confirmed-attempt.ts';
import { attemptEnded, type OutsideModules } from './outside-modules.ts';

export interface BeginLink {
  readonly login: string;
  readonly client: string;
  readonly password?: string | undefined;
  readonly code?: string | undefined;
  readonly address: string;
}

/**
 * Begins to link an identity to the person's account. It needs the password and the second factor, where there
 * are any: a stolen session must not make itself a way back in.
 * @throws RiosError AUTH_PASSWORD_NEEDED, AUTH_LOGIN_FAILED, AUTH_SECOND_FACTOR, AUTH_TOO_MANY_ATTEMPTS, NOT_FOUND,
 * SERVICE_UNAVAILABLE
 */
export async function beginLink(
  modules: OutsideModules,
  user: UserRow,
  { password, code, ...given }: BeginLink,
): Promise<StartedOutside> {
  if (user.password_hash !== '') {
    if (password === undefined) throw new RiosError('AUTH_PASSWORD_NEEDED', 'this needs the password');
    await proveIdentity(modules, user, { password, code, address: given.address });
  } else if (user.totp_confirmed_at !== null) {
    const subjects = [addressSubject(given.address), loginSubject(user.email)] as const;
    await takeAttempt(modules, subjects);
    await checkSecondFactor(modules, user, code);
    await forgive(modules.store, subjects[1], subjects[0]);
  }
  return beginOutside(modules, { ...given, accountId: user.account_id });
}

/**
 * Links the identity that the person said yes with; the account's address is told.
 * @throws RiosError AUTH_OUTSIDE_PENDING, AUTH_OUTSIDE_REFUSED, AUTH_OUTSIDE_ENDED, CONFLICT_EXISTS (it opens
 * another account)
 */
export async function completeLink(
  modules: OutsideModules,
  user: UserRow,
  claim: string,
): Promise<OutsideIdentityView> {
  const confirmed = await confirmedAttempt(modules, claim, user.account_id);
  const now = modules.clock.now();
  const row = await modules.store.transaction().execute((tx) => link(tx, confirmed, user.account_id, now));
  modules.post.post(mails.linked(user.email));
  return view(row);
}

async function link(
  tx: Store,
  { attempt, identity }: ConfirmedAttempt,
  accountId: string,
  now: number,
): Promise<OutsideIdentityRow> {
  if (!(await deleteOutsideAttempt(tx, attempt.claim_sha256))) throw attemptEnded();
  const known = await findOutsideIdentity(tx, identity);
  if (known?.account_id === accountId) return known;
  if (known !== undefined) {
    throw new RiosError('CONFLICT_EXISTS', `this identity of ${attempt.login} opens another account`, {
      hint: 'Log in with it and unlink it there first.',
    });
  }
  const row: OutsideIdentityRow = {
    id: createId('oid', now),
    account_id: accountId,
    login: attempt.login,
    issuer: identity.issuer,
    subject: identity.subject,
    email: identity.email ?? '',
    created_at: now,
    last_used_at: null,
  };
  await insertOutsideIdentity(tx, row);
  const details = { login: attempt.login };
  await appendAudit(tx, { at: now, actor: accountId, action: 'outside.linked', subject: row.id, details });
  return row;
}

/** Identities that open an account, oldest first. */
export async function listIdentities(
  { store }: OutsideModules,
  accountId: string,
): Promise<OutsideIdentityView[]> {
  return (await listOutsideIdentitiesOf(store, accountId)).map(view);
}

/**
 * Unlinks an identity; the account's address is told. Open sessions stay.
 * @throws RiosError NOT_FOUND, CONFLICT_LAST_LOGIN (nothing else opens the account)
 */
export async function unlinkIdentity(modules: OutsideModules, user: UserRow, id: string): Promise<void> {
  const accountId = user.account_id;
  await modules.store.transaction().execute(async (tx) => {
    if (!(await deleteOutsideIdentity(tx, accountId, id))) {
      throw new RiosError('NOT_FOUND', 'the account has no such identity', {
        hint: 'See rios auth outside list.',
      });
    }
    const left = await listOutsideIdentitiesOf(tx, accountId);
    const hasPassword = (await getUser(tx, accountId))?.password_hash !== '';
    if (left.length === 0 && !hasPassword) {
      throw new RiosError('CONFLICT_LAST_LOGIN', 'nothing else opens this account: it has no password');
    }
    await appendAudit(tx, {
      at: modules.clock.now(),
      actor: accountId,
      action: 'outside.unlinked',
      subject: id,
    });
  });
  modules.post.post(mails.unlinked(user.email));
}

const view = (row: OutsideIdentityRow): OutsideIdentityView => ({
  id: row.id,
  login: row.login,
  issuer: row.issuer,
  email: row.email,
  createdAt: row.created_at,
  lastUsedAt: row.last_used_at,
});
