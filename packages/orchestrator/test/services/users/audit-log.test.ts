import { expect } from 'chai';
import { sql } from 'kysely';
import { listAudit, verifyAudit } from '../../../src/services/users/audit-log.ts';
import { appendAudit, auditHash } from '../../../src/store/audit.ts';
import type { Store } from '../../../src/store/store.ts';
import { openMemoryStore } from '../../support/seed-store.ts';

describe('audit log', () => {
  let store: Store;
  beforeEach(async () => {
    store = await openMemoryStore();
  });
  afterEach(() => store.destroy());
  const append = (subject: string) =>
    store
      .transaction()
      .execute((tx) =>
        appendAudit(tx, { at: 5, actor: 'acc_1', action: 'x.done', subject, details: { a: 'b' } }),
      );
  const fill = async (count: number) => {
    for (let index = 1; index <= count; index++) await append(`subject ${index}`);
  };

  it('default: every entry holds the hash of the one before, and the whole verifies', async () => {
    await fill(600);
    const [newest, before] = await listAudit(store, Number.MAX_SAFE_INTEGER, 2);

    expect(newest).to.include({ seq: 600, subject: 'subject 600', previous: before?.hash });
    expect(newest?.details).to.deep.equal({ a: 'b' });
    expect(await verifyAudit(store)).to.deep.include({ ok: true, entries: 600, brokenAt: null });
  });

  it('behaviour: an empty log verifies', async () => {
    expect(await verifyAudit(store)).to.deep.include({ ok: true, entries: 0 });
  });

  it('behaviour: simultaneous appends make one chain', async () => {
    await Promise.all(Array.from({ length: 50 }, (_, index) => append(`s${index}`)));
    expect(await verifyAudit(store)).to.deep.include({ ok: true, entries: 50 });
  });

  it('behaviour: an append belongs to its transaction', async () => {
    await fill(2);
    await store
      .transaction()
      .execute(async (tx) => {
        await appendAudit(tx, { at: 5, actor: '', action: 'x.undone', subject: '' });
        throw new Error('no');
      })
      .catch(() => {});
    await fill(1);

    expect(await verifyAudit(store)).to.deep.include({ ok: true, entries: 3 });
  });

  const tamperings: Record<string, { sql: string; brokenAt: number }> = {
    'a changed field': { sql: `UPDATE audit_entries SET actor = 'acc_2' WHERE seq = 3`, brokenAt: 3 },
    'changed details': { sql: `UPDATE audit_entries SET details_json = '{}' WHERE seq = 3`, brokenAt: 3 },
    'a removed entry': { sql: `DELETE FROM audit_entries WHERE seq = 3`, brokenAt: 3 },
    'a removed beginning': { sql: `DELETE FROM audit_entries WHERE seq = 1`, brokenAt: 1 },
    'a removed end': { sql: `DELETE FROM audit_entries WHERE seq >= 5`, brokenAt: 5 },
    'a removed head': { sql: `DELETE FROM audit_head`, brokenAt: 6 },
    'everything removed': { sql: `DELETE FROM audit_entries`, brokenAt: 1 },
  };
  for (const [name, { sql: statement, brokenAt }] of Object.entries(tamperings)) {
    it(`behaviour: ${name} is found`, async () => {
      await fill(5);
      await sql.raw(statement).execute(store);
      expect(await verifyAudit(store)).to.include({ ok: false, brokenAt });
    });
  }

  it('behaviour: an entry that was rewritten with a fitting hash is found at the next', async () => {
    await fill(5);
    const entry = await store
      .selectFrom('audit_entries')
      .selectAll()
      .where('seq', '=', 3)
      .executeTakeFirstOrThrow();
    const changed = { ...entry, subject: 'another' };
    await store
      .updateTable('audit_entries')
      .set({ subject: 'another', hash: auditHash(changed) })
      .where('seq', '=', 3)
      .execute();

    expect(await verifyAudit(store)).to.include({ ok: false, brokenAt: 4 });
  });
});
