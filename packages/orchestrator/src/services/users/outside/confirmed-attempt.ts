import { RiosError } from '@rios/sdk/errors/error';
import type { OutsideIdentity } from '../../../auth/outside/outside-provider.ts';
import { hashSecret } from '../../../auth/secret-text.ts';
import { findOutsideAttempt, type OutsideAttemptRow } from '../../../store/outside-attempts.ts';
import { attemptEnded, type OutsideModules, readIdentity } from './outside-modules.ts';

export interface ConfirmedAttempt {
  readonly attempt: OutsideAttemptRow;
  readonly identity: OutsideIdentity;
}

/**
 * The attempt of a claim, once the person said yes.
 * @param accountId whom it links to, null for a login: one is never taken for the other
 * @throws RiosError AUTH_OUTSIDE_PENDING, AUTH_OUTSIDE_REFUSED, AUTH_OUTSIDE_ENDED
 */
export async function confirmedAttempt(
  { store, clock }: OutsideModules,
  claim: string,
  accountId: string | null,
): Promise<ConfirmedAttempt> {
  const attempt = await findOutsideAttempt(store, hashSecret(claim), clock.now());
  if (attempt === undefined || attempt.account_id !== accountId) throw attemptEnded();
  if (attempt.phase === 'failed') {
    throw new RiosError('AUTH_OUTSIDE_REFUSED', attempt.failure ?? 'the outside login failed');
  }
  if (attempt.phase !== 'confirmed' || attempt.identity_json === null) {
    throw new RiosError('AUTH_OUTSIDE_PENDING', 'nobody has said yes in a browser yet');
  }
  return { attempt, identity: readIdentity(attempt.identity_json) };
}
