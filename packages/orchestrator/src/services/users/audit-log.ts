import type { AuditEntry, AuditVerdict } from '@rios/sdk/schema/account';
import { z } from 'zod';
import {
  AUDIT_GENESIS,
  type AuditRow,
  auditHash,
  getAuditHead,
  listAuditAfter,
  listAuditBefore,
} from '../../store/audit.ts';
import { decodeJson } from '../../store/json.ts';
import type { Store } from '../../store/store.ts';

const PAGE = 500;
const detailsSchema = z.record(z.string(), z.string());

/** The newest entries before `before` first. */
export async function listAudit(store: Store, before: number, limit: number): Promise<AuditEntry[]> {
  return (await listAuditBefore(store, before, limit)).map(({ details_json, ...entry }) => ({
    ...entry,
    details: decodeJson(detailsSchema, details_json),
  }));
}

/**
 * Reads the whole chain and says whether an entry was changed, removed, added or moved. Whoever can write the
 * store can rewrite all of it with new hashes; keep the newest hash elsewhere to notice that.
 */
export async function verifyAudit(store: Store): Promise<AuditVerdict> {
  // The head first: entries that are added meanwhile come after it.
  const head = await getAuditHead(store);
  let last = { seq: 0, hash: AUDIT_GENESIS };
  let headMet = head?.seq === 0 && head.hash === AUDIT_GENESIS;
  for (;;) {
    const page = await listAuditAfter(store, last.seq, PAGE);
    for (const entry of page) {
      const reason = faultOf(entry, last);
      if (reason !== undefined) return { ok: false, entries: last.seq, brokenAt: last.seq + 1, reason };
      if (entry.seq === head?.seq) headMet = entry.hash === head.hash;
      last = entry;
    }
    if (page.length < PAGE) break;
  }
  if (headMet)
    return { ok: true, entries: last.seq, brokenAt: null, reason: 'every entry follows from the one before' };
  return { ok: false, entries: last.seq, brokenAt: last.seq + 1, reason: 'the newest entries are missing' };
}

function faultOf(entry: AuditRow, last: { seq: number; hash: string }): string | undefined {
  if (entry.seq !== last.seq + 1) return 'an entry is missing';
  if (entry.previous !== last.hash) return 'it does not follow from the entry before';
  return auditHash(entry) === entry.hash ? undefined : 'it was changed';
}
