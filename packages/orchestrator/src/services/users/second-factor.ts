import { RiosError } from '@rios/sdk/errors/error';
import { createRecoveryCodes } from '../../auth/recovery-codes.ts';
import { hashSecret } from '../../auth/secret-text.ts';
import { takeAttempt } from '../../auth/throttle.ts';
import { createTotp } from '../../auth/totp.ts';
import { appendAudit } from '../../store/audit.ts';
import { replaceRecoveryCodes, type UserRow, updateUser } from '../../store/users.ts';
import { clearAttempts } from '../../store/users-attempts.ts';
import { loginSubject, type UserModules } from './modules.ts';
import { proveIdentity } from './prove-identity.ts';
import { takeSecondFactor, totpContext } from './take-second-factor.ts';

/**
 * Begins a second factor: gives its secret, which counts from the confirmation on. Again before it: a new secret.
 * @throws RiosError CONFLICT_EXISTS, AUTH_LOGIN_FAILED, AUTH_TOO_MANY_ATTEMPTS
 */
export async function enrolTotp(
  modules: UserModules,
  user: UserRow,
  given: { password: string; address: string },
): Promise<{ secret: string; uri: string }> {
  const { store, secrets, networkName } = modules;
  if (user.totp_confirmed_at !== null) {
    throw new RiosError('CONFLICT_EXISTS', 'the account has a second factor', {
      hint: 'Disable it first to replace it.',
    });
  }
  await proveIdentity(modules, user, given);
  const totp = await createTotp(networkName, user.email);
  const envelope = await secrets.seal(totp.secret, totpContext(user.account_id));
  await updateUser(store, user.account_id, { totp_envelope: envelope, totp_last_step: 0 });
  return totp;
}

/**
 * Proves that the app has the secret, and gives the recovery codes, shown this once.
 * @throws RiosError AUTH_SECOND_FACTOR (wrong code), CONFLICT_EXISTS, NOT_FOUND (not enrolled), AUTH_TOO_MANY_ATTEMPTS
 */
export async function confirmTotp(modules: UserModules, user: UserRow, code: string): Promise<string[]> {
  const { store, clock, random } = modules;
  if (user.totp_confirmed_at !== null) throw new RiosError('CONFLICT_EXISTS', 'it is confirmed already');
  if (user.totp_envelope === null) throw new RiosError('NOT_FOUND', 'no second factor was enrolled');
  await takeAttempt(modules, [loginSubject(user.email)]);
  if (!(await takeSecondFactor(modules, user, code))) {
    throw new RiosError('AUTH_SECOND_FACTOR', 'the code is wrong or was used');
  }
  const codes = createRecoveryCodes(random);
  const accountId = user.account_id;
  const at = clock.now();
  await store.transaction().execute(async (tx) => {
    await updateUser(tx, accountId, { totp_confirmed_at: at });
    await replaceRecoveryCodes(tx, accountId, codes.map(hashSecret));
    await clearAttempts(tx, loginSubject(user.email).subject);
    await appendAudit(tx, { at, actor: accountId, action: 'totp.enabled', subject: accountId });
  });
  return codes;
}

/**
 * Ends the second factor; needs the password and a code.
 * @throws RiosError NOT_FOUND, AUTH_LOGIN_FAILED, AUTH_TOO_MANY_ATTEMPTS
 */
export async function disableTotp(
  modules: UserModules,
  user: UserRow,
  given: { password: string; code: string; address: string },
): Promise<void> {
  const { store, clock } = modules;
  if (user.totp_confirmed_at === null) throw new RiosError('NOT_FOUND', 'the account has no second factor');
  await proveIdentity(modules, user, given);
  const accountId = user.account_id;
  const at = clock.now();
  await store.transaction().execute(async (tx) => {
    await updateUser(tx, accountId, { totp_envelope: null, totp_confirmed_at: null, totp_last_step: 0 });
    await replaceRecoveryCodes(tx, accountId, []);
    await appendAudit(tx, { at, actor: accountId, action: 'totp.disabled', subject: accountId });
  });
}

/**
 * Replaces the recovery codes, shown this once; needs the password and a code. The old ones end.
 * @throws RiosError NOT_FOUND, AUTH_LOGIN_FAILED, AUTH_TOO_MANY_ATTEMPTS
 */
export async function renewRecoveryCodes(
  modules: UserModules,
  user: UserRow,
  given: { password: string; code: string; address: string },
): Promise<string[]> {
  const { store, clock, random } = modules;
  if (user.totp_confirmed_at === null) throw new RiosError('NOT_FOUND', 'the account has no second factor');
  await proveIdentity(modules, user, given);
  const codes = createRecoveryCodes(random);
  const accountId = user.account_id;
  await store.transaction().execute(async (tx) => {
    await replaceRecoveryCodes(tx, accountId, codes.map(hashSecret));
    await appendAudit(tx, {
      at: clock.now(),
      actor: accountId,
      action: 'recovery.renewed',
      subject: accountId,
    });
  });
  return codes;
}
