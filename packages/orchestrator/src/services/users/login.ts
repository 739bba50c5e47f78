import { sha256Of } from '@rios/sdk/crypto/hash';
import { RiosError } from '@rios/sdk/errors/error';
import type { Login, SessionTokens } from '@rios/sdk/schema/account';
import { normaliseEmail } from '../../auth/email.ts';
import { forgive, takeAttempt } from '../../auth/throttle.ts';
import { appendAudit } from '../../store/audit.ts';
import { findUserByEmail, type UserRow } from '../../store/users.ts';
import { addressSubject, loginSubject, type UserModules } from './modules.ts';
import { checkSecondFactor } from './prove-identity.ts';
import { openSession } from './sessions.ts';

/**
 * Signs a person in.
 * @throws RiosError AUTH_LOGIN_FAILED, AUTH_SECOND_FACTOR (right password, code needed), AUTH_TOO_MANY_ATTEMPTS
 */
export async function login(modules: UserModules, given: Login, address: string): Promise<SessionTokens> {
  const user = await proveLogin(modules, given, address);
  return openSession(modules, { accountId: user.account_id, client: given.client, address });
}

/**
 * Who it is that knows this password, and this code where one is needed. An address that nobody has, one not
 * verified yet and a wrong password are answered alike, after the same work.
 * @throws RiosError AUTH_LOGIN_FAILED, AUTH_SECOND_FACTOR (right password, code needed), AUTH_TOO_MANY_ATTEMPTS
 */
export async function proveLogin(
  modules: UserModules,
  given: Pick<Login, 'email' | 'password' | 'code'>,
  address: string,
): Promise<UserRow> {
  const email = normaliseEmail(given.email);
  const subjects = [addressSubject(address), loginSubject(email)] as const;
  await takeAttempt(modules, subjects);
  const user = await findUserByEmail(modules.store, email);
  const matches = await modules.hasher.verify(user?.password_hash, given.password);
  if (user === undefined || !matches) {
    await noteFailure(modules, email, address);
    throw new RiosError('AUTH_LOGIN_FAILED', 'the address, the password or the code is wrong');
  }
  await proveCode(modules, user, given.code, address);
  await forgive(modules.store, subjects[1], subjects[0]);
  return user;
}

async function proveCode(
  modules: UserModules,
  user: UserRow,
  code: string | undefined,
  address: string,
): Promise<void> {
  try {
    await checkSecondFactor(modules, user, code);
  } catch (error) {
    if (code !== undefined) await noteFailure(modules, user.email, address);
    throw error;
  }
}

/** By the hash of the address, known or not: the log is no list of addresses that people mistyped. */
export async function noteFailure(
  { store, clock }: UserModules,
  email: string,
  address: string,
): Promise<void> {
  await store.transaction().execute((tx) =>
    appendAudit(tx, {
      at: clock.now(),
      actor: '',
      action: 'login.failed',
      subject: `email:${sha256Of(Buffer.from(email)).slice(0, 32)}`,
      details: { address },
    }),
  );
}
