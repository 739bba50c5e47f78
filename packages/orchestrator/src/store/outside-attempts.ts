import type { Selectable } from 'kysely';
import type { OutsideAttemptsTable, OutsidePhase } from './outside-tables.ts';
import type { Store } from './store.ts';

export type OutsideAttemptRow = Selectable<OutsideAttemptsTable>;

/** Adds an attempt and drops those that have expired. */
export async function insertOutsideAttempt(store: Store, attempt: OutsideAttemptRow): Promise<void> {
  await store.deleteFrom('outside_attempts').where('expires_at', '<=', attempt.created_at).execute();
  await store.insertInto('outside_attempts').values(attempt).execute();
}

/** An attempt by its claim; undefined when it is unknown, used or expired. */
export async function findOutsideAttempt(
  store: Store,
  claimSha256: string,
  now: number,
): Promise<OutsideAttemptRow | undefined> {
  return store
    .selectFrom('outside_attempts')
    .selectAll()
    .where('claim_sha256', '=', claimSha256)
    .where('expires_at', '>', now)
    .executeTakeFirst();
}

/** Takes an attempt by its state and login, once: a state that comes again finds nothing. */
export async function takeOutsideState(
  store: Store,
  by: { stateSha256: string; login: string; now: number },
): Promise<OutsideAttemptRow | undefined> {
  return store
    .updateTable('outside_attempts')
    .set({ phase: 'exchanging' })
    .where('state_sha256', '=', by.stateSha256)
    .where('login', '=', by.login)
    .where('phase', '=', 'started')
    .where('expires_at', '>', by.now)
    .returningAll()
    .executeTakeFirst();
}

/** Takes the answer to a confirmation, once. */
export async function takeOutsideConfirm(
  store: Store,
  by: { confirmSha256: string; phase: OutsidePhase; failure: string | null; now: number },
): Promise<OutsideAttemptRow | undefined> {
  return store
    .updateTable('outside_attempts')
    .set({ phase: by.phase, failure: by.failure, confirm_sha256: null })
    .where('confirm_sha256', '=', by.confirmSha256)
    .where('phase', '=', 'proved')
    .where('expires_at', '>', by.now)
    .returningAll()
    .executeTakeFirst();
}

/** Ends the trade of a code: proved or failed. */
export async function setOutsideOutcome(
  store: Store,
  claimSha256: string,
  outcome: Pick<OutsideAttemptRow, 'phase' | 'confirm_sha256' | 'identity_json' | 'failure'>,
): Promise<void> {
  await store
    .updateTable('outside_attempts')
    .set(outcome)
    .where('claim_sha256', '=', claimSha256)
    .where('phase', '=', 'exchanging')
    .execute();
}

/** Takes an attempt out, once: false when somebody else did. */
export async function deleteOutsideAttempt(store: Store, claimSha256: string): Promise<boolean> {
  const { numDeletedRows } = await store
    .deleteFrom('outside_attempts')
    .where('claim_sha256', '=', claimSha256)
    .executeTakeFirst();
  return numDeletedRows === 1n;
}
