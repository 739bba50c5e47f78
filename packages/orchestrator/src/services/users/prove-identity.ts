import { RiosError } from '@rios/sdk/errors/error';
import { forgive, takeAttempt } from '../../auth/throttle.ts';
import type { UserRow } from '../../store/users.ts';
import { addressSubject, loginSubject, type UserModules } from './modules.ts';
import { takeSecondFactor } from './take-second-factor.ts';

/**
 * Asks a person once more for the password, and for the second factor where one is on: before what a stolen
 * session must not do.
 * @throws RiosError AUTH_LOGIN_FAILED, AUTH_SECOND_FACTOR (none given), AUTH_TOO_MANY_ATTEMPTS
 */
export async function proveIdentity(
  modules: UserModules,
  user: UserRow,
  given: { password: string; code?: string | undefined; address: string },
): Promise<void> {
  if (user.password_hash === '') {
    throw new RiosError('AUTH_LOGIN_FAILED', 'this account has no password', {
      hint: 'Set one first: rios account reset.',
    });
  }
  const subjects = [addressSubject(given.address), loginSubject(user.email)] as const;
  await takeAttempt(modules, subjects);
  const known = await modules.hasher.verify(user.password_hash, given.password);
  if (!known) throw new RiosError('AUTH_LOGIN_FAILED', 'the password is wrong');
  await checkSecondFactor(modules, user, given.code);
  await forgive(modules.store, subjects[1], subjects[0]);
}

/** Nothing to check for an account without one. @throws RiosError AUTH_SECOND_FACTOR, AUTH_LOGIN_FAILED */
export async function checkSecondFactor(
  modules: UserModules,
  user: UserRow,
  code: string | undefined,
): Promise<void> {
  if (user.totp_confirmed_at === null) return;
  if (code === undefined) throw new RiosError('AUTH_SECOND_FACTOR', 'the account needs a second factor');
  if (!(await takeSecondFactor(modules, user, code))) {
    throw new RiosError('AUTH_LOGIN_FAILED', 'the address, the password or the code is wrong');
  }
}
