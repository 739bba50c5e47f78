import { RiosError } from '@rios/sdk/errors/error';
import type { SignUp } from '@rios/sdk/schema/account';
import { z } from 'zod';
import { normaliseEmail } from '../../auth/email.ts';
import { checkPassword } from '../../auth/password-policy.ts';
import { createSecret, hashSecret } from '../../auth/secret-text.ts';
import { takeAttempt } from '../../auth/throttle.ts';
import { decodeJson, encodeJson } from '../../store/json.ts';
import { findUserByEmail } from '../../store/users.ts';
import { insertMailToken, takeMailToken } from '../../store/users-mail.ts';
import { createPerson } from './create-person.ts';
import { mails } from './mails.ts';
import { addressSubject, mailSubject, type UserModules } from './modules.ts';

const TOKEN_TTL_MS = 86_400_000;

/** What waits for the address to be verified. It is with the token: whoever verifies gets what they chose. */
const pendingSchema = z.object({ passwordHash: z.string(), displayName: z.string() });

/**
 * Asks for an account; a mailed token makes it. Whether the address has one already is told by mail alone: answer
 * and work are the same (one hash, one row, one mail).
 * @throws RiosError USER_PASSWORD_WEAK, USER_INVALID_REQUEST, AUTH_TOO_MANY_ATTEMPTS, SERVICE_UNAVAILABLE
 */
export async function signUp(modules: UserModules, given: SignUp, address: string): Promise<void> {
  const { store, clock, random, hasher, post } = modules;
  const email = normaliseEmail(given.email);
  checkPassword(given.password, email);
  await takeAttempt(modules, [addressSubject(address), mailSubject(email)]);
  const passwordHash = await hasher.hash(given.password);
  const token = createSecret('riosm_', random);
  const now = clock.now();
  const known = await store.transaction().execute(async (tx) => {
    await insertMailToken(tx, {
      sha256: token.sha256,
      purpose: 'verify',
      email,
      payload_json: encodeJson({ passwordHash, displayName: given.displayName }),
      created_at: now,
      expires_at: now + TOKEN_TTL_MS,
    });
    return (await findUserByEmail(tx, email)) !== undefined;
  });
  // The token of a known address is never sent, so its row opens nothing.
  await post.post(known ? mails.known(email) : mails.verify(email, token.text));
}

/**
 * Makes the account that a mailed token stands for; its role is developer.
 * @throws RiosError AUTH_MAIL_TOKEN_INVALID, AUTH_TOO_MANY_ATTEMPTS
 */
export async function verifyEmail(modules: UserModules, token: string, address: string): Promise<void> {
  const { store, clock } = modules;
  await takeAttempt(modules, [addressSubject(address)]);
  const now = clock.now();
  const made = await store.transaction().execute(async (tx) => {
    const taken = await takeMailToken(tx, { sha256: hashSecret(token), purpose: 'verify', now });
    if (taken === undefined || (await findUserByEmail(tx, taken.email)) !== undefined) return false;
    const { passwordHash, displayName } = decodeJson(pendingSchema, taken.payload_json);
    const { blobQuotaBytes } = modules;
    await createPerson(tx, { email: taken.email, displayName, passwordHash, blobQuotaBytes }, now);
    return true;
  });
  if (!made) throw new RiosError('AUTH_MAIL_TOKEN_INVALID', 'the token is unknown, used or expired');
}
