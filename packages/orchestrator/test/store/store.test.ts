import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect } from 'chai';
import { sql } from 'kysely';
import { getNetworkFact, putNetworkFact } from '../../src/store/network.ts';
import { createStore } from '../../src/store/store.ts';
import { expectError } from '../support/expect-error.ts';
import { createTempDirectory } from '../support/temp-directory.ts';

describe('createStore', () => {
  let directory: Awaited<ReturnType<typeof createTempDirectory>>;
  let file: string;
  beforeEach(async () => {
    directory = await createTempDirectory();
    file = join(directory.path, 'rios.db');
  });
  afterEach(() => directory.remove());

  it('default: what was written is there after it is opened again', async () => {
    const first = await createStore({ file });
    await putNetworkFact(first, 'key', 'value');
    await first.destroy();

    const second = await createStore({ file });
    expect(await getNetworkFact(second, 'key')).to.equal('value');
    await second.destroy();
  });

  it('behaviour: commits are in the write-ahead log, synced, and foreign keys hold', async () => {
    const store = await createStore({ file });
    const read = async (name: string) =>
      Object.values((await sql.raw<object>(`PRAGMA ${name}`).execute(store)).rows[0] ?? {})[0];

    expect(await read('journal_mode')).to.equal('wal');
    expect(await read('synchronous')).to.equal(2);
    expect(await read('foreign_keys')).to.equal(1);
    await store.destroy();
  });

  it('error CAPACITY_DISK: a transaction that does not fit leaves nothing, and the store goes on', async () => {
    const store = await createStore({ file });
    const limit = (pages: number) => sql.raw(`PRAGMA max_page_count = ${pages}`).execute(store);
    await limit(1);
    const write = store.transaction().execute(async (tx) => {
      await putNetworkFact(tx, 'first', 'x');
      await putNetworkFact(tx, 'second', 'x'.repeat(1_000_000));
    });

    await expectError(write, 'CAPACITY_DISK');
    expect(await getNetworkFact(store, 'first')).to.equal(undefined);
    await limit(1_000_000);
    await putNetworkFact(store, 'second', 'x'.repeat(1_000_000));
    await store.destroy();
  });

  it('behaviour: a migration that was cut off is done whole the next time', async () => {
    const raw = new DatabaseSync(file);
    raw.exec('CREATE TABLE migrations (version INTEGER PRIMARY KEY)');
    raw.exec('BEGIN');
    raw.exec('CREATE TABLE network (key TEXT PRIMARY KEY, value TEXT NOT NULL)');
    raw.close();

    const store = await createStore({ file });
    await putNetworkFact(store, 'key', 'value');
    expect(await getNetworkFact(store, 'key')).to.equal('value');
    await store.destroy();
  });

  it('error CONFLICT_IN_USE: the store was written by a newer version', async () => {
    const raw = new DatabaseSync(file);
    raw.exec('CREATE TABLE migrations (version INTEGER PRIMARY KEY); INSERT INTO migrations VALUES (9999)');
    raw.close();

    const error = await expectError(createStore({ file }), 'CONFLICT_IN_USE');
    expect(error.message).to.contain('9999');
  });

  it('error BUG_UNEXPECTED: a stored value that does not fit its schema is not believed', async () => {
    const { insertApiToken, findApiToken, insertAccount } = await import('../../src/store/accounts.ts');
    const store = await createStore({ file });
    await insertAccount(store, { id: 'acc_1', name: 'a', blob_quota_bytes: 1, created_at: 1 });
    await insertApiToken(store, { sha256: 'x', accountId: 'acc_1', scopes: [], createdAt: 1 });
    await store.updateTable('api_tokens').set({ scopes_json: '{"not":"a list"}' }).execute();

    await expectError(findApiToken(store, 'x'), 'BUG_UNEXPECTED');
    await store.destroy();
  });
});
