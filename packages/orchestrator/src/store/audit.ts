import { sha256Of } from '@rios/sdk/crypto/hash';
import type { Selectable } from 'kysely';
import { encodeJson } from './json.ts';
import type { Store } from './store.ts';
import type { AuditEntriesTable } from './users-tables.ts';

export type AuditRow = Selectable<AuditEntriesTable>;

/** What happened. `details` hold no secret and no text that would have to be hidden. */
export interface AuditFact {
  readonly at: number;
  /** Account id; empty when nobody was signed in. */
  readonly actor: string;
  readonly action: string;
  readonly subject: string;
  readonly details?: Readonly<Record<string, string>>;
}

/** The sha256 that stands before the first entry. */
export const AUDIT_GENESIS = '0'.repeat(64);

/** sha256 (hex) over every field of an entry and the hash of the one before. */
export function auditHash(entry: Omit<AuditRow, 'hash'>): string {
  const { seq, at, actor, action, subject, details_json, previous } = entry;
  const text = JSON.stringify(['rios.audit/1', seq, at, actor, action, subject, details_json, previous]);
  return sha256Of(Buffer.from(text));
}

/**
 * Appends one entry to the chain. Call inside the transaction of the change itself: both happen or neither. The
 * head row is taken first, so that appends of several orchestrators come one after another.
 */
export async function appendAudit(tx: Store, fact: AuditFact): Promise<void> {
  const head = await tx
    .insertInto('audit_head')
    .values({ id: 1, seq: 1, hash: AUDIT_GENESIS })
    .onConflict((conflict) =>
      conflict.column('id').doUpdateSet((eb) => ({ seq: eb('audit_head.seq', '+', 1) })),
    )
    .returning(['seq', 'hash'])
    .executeTakeFirstOrThrow();
  const entry = {
    seq: head.seq,
    at: fact.at,
    actor: fact.actor,
    action: fact.action,
    subject: fact.subject,
    details_json: encodeJson(fact.details ?? {}),
    previous: head.hash,
  };
  const hash = auditHash(entry);
  await tx
    .insertInto('audit_entries')
    .values({ ...entry, hash })
    .execute();
  await tx.updateTable('audit_head').set({ hash }).where('id', '=', 1).execute();
}

/** Entries with `seq` > `after`, oldest first, `limit` at most. */
export async function listAuditAfter(store: Store, after: number, limit: number): Promise<AuditRow[]> {
  return store
    .selectFrom('audit_entries')
    .selectAll()
    .where('seq', '>', after)
    .orderBy('seq')
    .limit(limit)
    .execute();
}

/** Entries with `seq` < `before`, newest first, `limit` at most. */
export async function listAuditBefore(store: Store, before: number, limit: number): Promise<AuditRow[]> {
  return store
    .selectFrom('audit_entries')
    .selectAll()
    .where('seq', '<', before)
    .orderBy('seq', 'desc')
    .limit(limit)
    .execute();
}

/** What the chain must end with; undefined when the row was removed. */
export async function getAuditHead(store: Store): Promise<{ seq: number; hash: string } | undefined> {
  return store.selectFrom('audit_head').select(['seq', 'hash']).where('id', '=', 1).executeTakeFirst();
}
