import type { Store } from './store.ts';

/** Where a subject stands after an attempt was counted. */
export interface Attempt {
  readonly failures: number;
}

/**
 * Counts one attempt before it is made, so that simultaneous ones count too. Failures older than `windowMs` are
 * forgotten. Undefined when the subject is locked at `now`. Call inside a transaction.
 */
export async function countAttempt(
  tx: Store,
  { subject, now, windowMs }: { subject: string; now: number; windowMs: number },
): Promise<Attempt | undefined> {
  return tx
    .insertInto('attempts')
    .values({ subject, failures: 1, last_at: now, locked_until: 0 })
    .onConflict((conflict) =>
      conflict
        .column('subject')
        .doUpdateSet((eb) => ({
          failures: eb
            .case()
            .when('attempts.last_at', '<', now - windowMs)
            .then(1)
            .else(eb('attempts.failures', '+', 1))
            .end(),
          last_at: now,
        }))
        .where('attempts.locked_until', '<=', now),
    )
    .returning('failures')
    .executeTakeFirst();
}

export async function lockSubject(tx: Store, subject: string, until: number): Promise<void> {
  await tx.updateTable('attempts').set({ locked_until: until }).where('subject', '=', subject).execute();
}

/** Until when a subject is locked; 0 when it is not known. */
export async function lockedUntil(store: Store, subject: string): Promise<number> {
  const row = await store
    .selectFrom('attempts')
    .select('locked_until')
    .where('subject', '=', subject)
    .executeTakeFirst();
  return row?.locked_until ?? 0;
}

/** Forgets a subject: it succeeded. */
export async function clearAttempts(store: Store, subject: string): Promise<void> {
  await store.deleteFrom('attempts').where('subject', '=', subject).execute();
}

/** Gives one counted attempt back: it succeeded, the others stay. */
export async function uncountAttempt(store: Store, subject: string): Promise<void> {
  await store
    .updateTable('attempts')
    .set((eb) => ({ failures: eb('failures', '-', 1) }))
    .where('subject', '=', subject)
    .where('failures', '>', 0)
    .execute();
}

/** Drops subjects whose last attempt is older than `before`; bounds the table. */
export async function sweepAttempts(store: Store, before: number): Promise<void> {
  await store
    .deleteFrom('attempts')
    .where('last_at', '<', before)
    .where('locked_until', '<', before)
    .execute();
}
