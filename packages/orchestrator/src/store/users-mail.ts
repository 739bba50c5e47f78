import type { Selectable } from 'kysely';
import type { Store } from './store.ts';
import type { MailPurpose, MailTokensTable } from './users-tables.ts';

export type MailTokenRow = Selectable<MailTokensTable>;

/** Adds a mailed token and drops those that have expired. */
export async function insertMailToken(store: Store, token: MailTokenRow): Promise<void> {
  await store.deleteFrom('mail_tokens').where('expires_at', '<=', token.created_at).execute();
  await store.insertInto('mail_tokens').values(token).execute();
}

/** Takes a token out, once: undefined when it is unknown, expired, used, or for something else. */
export async function takeMailToken(
  store: Store,
  token: { sha256: string; purpose: MailPurpose; now: number },
): Promise<MailTokenRow | undefined> {
  return store
    .deleteFrom('mail_tokens')
    .where('sha256', '=', token.sha256)
    .where('purpose', '=', token.purpose)
    .where('expires_at', '>', token.now)
    .returningAll()
    .executeTakeFirst();
}

/** Drops every token of a purpose that was mailed to an address. */
export async function deleteMailTokens(store: Store, email: string, purpose: MailPurpose): Promise<void> {
  await store.deleteFrom('mail_tokens').where('email', '=', email).where('purpose', '=', purpose).execute();
}

/** Reads a token without using it; undefined as in takeMailToken. */
export async function findMailToken(
  store: Store,
  token: { sha256: string; purpose: MailPurpose; now: number },
): Promise<MailTokenRow | undefined> {
  return store
    .selectFrom('mail_tokens')
    .selectAll()
    .where('sha256', '=', token.sha256)
    .where('purpose', '=', token.purpose)
    .where('expires_at', '>', token.now)
    .executeTakeFirst();
}
