import { hashSecret } from '../../auth/secret-text.ts';
import { matchTotp } from '../../auth/totp.ts';
import { SEALED_COLUMNS, sealedContext } from '../../store/sealed-columns.ts';
import { takeRecoveryCode, takeTotpStep, type UserRow } from '../../store/users.ts';
import type { UserModules } from './modules.ts';

/** What the envelope of a user's second factor is bound to. */
export const totpContext = (accountId: string) => sealedContext(SEALED_COLUMNS.totp, accountId);

/**
 * True when `code` is the one of the user's app now, or one of the recovery codes left; it is used up. Users
 * without a confirmed second factor have none to match.
 */
export async function takeSecondFactor(modules: UserModules, user: UserRow, code: string): Promise<boolean> {
  const { store, clock, secrets } = modules;
  if (user.totp_envelope === null) return false;
  if (code.includes('-')) return takeRecoveryCode(store, user.account_id, hashSecret(code), clock.now());
  const secret = await secrets.open(user.totp_envelope, totpContext(user.account_id));
  const step = await matchTotp(secret, code, clock.now());
  return step !== undefined && (await takeTotpStep(store, user.account_id, step));
}
