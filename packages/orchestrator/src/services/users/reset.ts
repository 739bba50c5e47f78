import { RiosError } from '@rios/sdk/errors/error';
import { normaliseEmail } from '../../auth/email.ts';
import { checkPassword } from '../../auth/password-policy.ts';
import { createSecret, hashSecret } from '../../auth/secret-text.ts';
import { takeAttempt } from '../../auth/throttle.ts';
import { appendAudit } from '../../store/audit.ts';
import { encodeJson } from '../../store/json.ts';
import { revokeSessions } from '../../store/sessions.ts';
import { findUserByEmail, updateUser } from '../../store/users.ts';
import { clearAttempts } from '../../store/users-attempts.ts';
import { deleteMailTokens, findMailToken, insertMailToken, takeMailToken } from '../../store/users-mail.ts';
import { mails } from './mails.ts';
import { addressSubject, loginSubject, mailSubject, type UserModules } from './modules.ts';

const TOKEN_TTL_MS = 3_600_000;

/**
 * Mails a token that sets a new password. An address without an account gets no mail; answer and work of the store
 * and the queue are the same.
 * @throws RiosError USER_INVALID_REQUEST, AUTH_TOO_MANY_ATTEMPTS, SERVICE_UNAVAILABLE
 */
export async function requestReset(modules: UserModules, given: string, address: string): Promise<void> {
  const { store, clock, random, post } = modules;
  const email = normaliseEmail(given);
  await takeAttempt(modules, [addressSubject(address), mailSubject(email)]);
  const token = createSecret('riosm_', random);
  const now = clock.now();
  const known = await store.transaction().execute(async (tx) => {
    await insertMailToken(tx, {
      sha256: token.sha256,
      purpose: 'reset',
      email,
      payload_json: encodeJson({}),
      created_at: now,
      expires_at: now + TOKEN_TTL_MS,
    });
    return (await findUserByEmail(tx, email)) !== undefined;
  });
  await post.post(known ? mails.reset(email, token.text) : null);
}

/**
 * Sets a new password by a mailed token. Every session ends; API tokens and the second factor stay.
 * @throws RiosError AUTH_MAIL_TOKEN_INVALID, USER_PASSWORD_WEAK (the token stays good), AUTH_TOO_MANY_ATTEMPTS
 */
export async function resetPassword(
  modules: UserModules,
  given: { token: string; password: string },
  address: string,
): Promise<void> {
  const { store, clock, hasher, post } = modules;
  await takeAttempt(modules, [addressSubject(address)]);
  const which = { sha256: hashSecret(given.token), purpose: 'reset', now: clock.now() } as const;
  const found = await findMailToken(store, which);
  if (found === undefined) throw invalidToken();
  checkPassword(given.password, found.email);
  const passwordHash = await hasher.hash(given.password);
  const done = await store.transaction().execute(async (tx) => {
    const taken = await takeMailToken(tx, which);
    const user = taken && (await findUserByEmail(tx, taken.email));
    if (user === undefined) return false;
    await updateUser(tx, user.account_id, { password_hash: passwordHash });
    await revokeSessions(tx, { accountId: user.account_id, now: which.now, reason: 'password reset' });
    await deleteMailTokens(tx, user.email, 'reset');
    await clearAttempts(tx, loginSubject(user.email).subject);
    await appendAudit(tx, {
      at: which.now,
      actor: user.account_id,
      action: 'password.reset',
      subject: user.account_id,
    });
    return true;
  });
  if (!done) throw invalidToken();
  await post.notify(mails.changed(found.email));
}

const invalidToken = () => new RiosError('AUTH_MAIL_TOKEN_INVALID', 'the token is unknown, used or expired');
