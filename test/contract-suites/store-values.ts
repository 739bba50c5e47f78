import { randomBytes } from 'node:crypto';
import { expect } from 'chai';
import fc from 'fast-check';
import * as accounts from '../../packages/orchestrator/src/store/accounts.ts';
import * as models from '../../packages/orchestrator/src/store/models.ts';
import { getNetworkFact, putNetworkFact } from '../../packages/orchestrator/src/store/network.ts';
import { getRequest, insertRequest } from '../../packages/orchestrator/src/store/requests.ts';
import type { Store } from '../../packages/orchestrator/src/store/store.ts';
import { ensureStoreId } from '../../packages/orchestrator/src/store/store-id.ts';
import { aModel, anInvite, createAccount, SHA } from './store-builders.ts';

/** Any text, with what databases trip over: quotes, zero bytes, halves of surrogate pairs, odd Unicode. */
export const hostileText = (): fc.Arbitrary<string> =>
  fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 20 }).map((u) => String.fromCharCode(...u)),
    fc.constantFrom(
      `'; DROP TABLE network; --`,
      '$1',
      '%s\\x00',
      '\0',
      '\ud800',
      '\udc00\ud800',
      '\ufdd0',
      '\ufdd0000',
    ),
  );

/** What goes into a column comes out of it, on every database the same. */
export function describeStoredValues(store: () => Store): void {
  it('behaviour: any text at all is found again and comes back as it was', async () => {
    await fc.assert(
      fc.asyncProperty(hostileText(), hostileText(), async (key, value) => {
        await putNetworkFact(store(), key, value);
        expect(await getNetworkFact(store(), key)).to.equal(value);
      }),
      { numRuns: 200 },
    );
  });

  it('behaviour: a database gets one name for good, whoever starts first', async () => {
    const given = await Promise.all(Array.from({ length: 5 }, () => ensureStoreId(store(), randomBytes)));

    expect(given[0]).to.match(/^store_[0-9a-f]{32}$/);
    expect(new Set([...given, await ensureStoreId(store(), randomBytes)]).size).to.equal(1);
  });

  it('behaviour: different hostile texts are different keys', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(hostileText(), { minLength: 2, maxLength: 5 }), async (keys) => {
        for (const [index, key] of keys.entries()) await putNetworkFact(store(), key, String(index));
        for (const [index, key] of keys.entries()) {
          expect(await getNetworkFact(store(), key), JSON.stringify(key)).to.equal(String(index));
        }
      }),
      { numRuns: 30 },
    );
  });

  it('behaviour: hostile text inside JSON and in every field of a request comes back', async () => {
    const accountId = await createAccount(store());
    let count = 0;
    await fc.assert(
      fc.asyncProperty(hostileText(), async (text) => {
        const [id, sha256] = [`req_${count}${text}`, `${count++}${text}`];
        await insertRequest(store(), { id, accountId, model: text, createdAt: 1, orchestrator: 'o' });
        await accounts.insertApiToken(store(), { sha256, accountId, scopes: [text], createdAt: 1 });

        expect(await getRequest(store(), id)).to.include({ id, model: text });
        expect((await accounts.findApiToken(store(), sha256))?.scopes).to.deep.equal([text]);
      }),
      { numRuns: 50 },
    );
  });

  it('behaviour: any bytes come back as they were', async () => {
    const accountId = await createAccount(store());
    let count = 0;
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (bytes) => {
        const name = `m${count++}`;
        await models.insertModel(store(), aModel({ name, accountId }), bytes, []);
        expect(await models.getManifestBytes(store(), name)).to.deep.equal(bytes);
      }),
      { numRuns: 30 },
    );
  });

  it('behaviour: integers are exact up to 2^53 - 1, and doubles keep every bit', async () => {
    const id = await createAccount(store());
    await accounts.setBlobQuota(store(), id, Number.MAX_SAFE_INTEGER);
    const requestId = await createRequestOf(store());
    await store()
      .updateTable('requests')
      .set({ ttft_ms: 0.1 + 0.2 })
      .where('id', '=', requestId)
      .execute();

    expect((await accounts.getAccount(store(), id))?.blob_quota_bytes).to.equal(Number.MAX_SAFE_INTEGER);
    expect((await getRequest(store(), requestId))?.ttftMs).to.equal(0.1 + 0.2);
  });

  it('behaviour: text is sorted by its bytes', async () => {
    const names = ['b', 'B', 'a', 'ä', 'Z', '1', '_', '\u{1f4a5}', '\uffee'];
    const accountId = await createAccount(store());
    for (const name of names) {
      await models.insertModel(store(), aModel({ name, accountId }), Uint8Array.of(1), []);
    }

    const sorted = [...names].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    expect((await models.listModels(store())).map(({ name }) => name)).to.deep.equal(sorted);
  });

  it('error CONFLICT_EXISTS: what must be unique is there already', async () => {
    const id = await createAccount(store());
    const again = { name: 'other', blob_quota_bytes: 1, created_at: 1 };
    const codes = await Promise.all([
      codeOf(accounts.insertAccount(store(), { ...again, id })),
      codeOf(accounts.insertAccount(store(), { ...again, id: 'acc_other', name: 'local' })),
    ]);

    expect(codes).to.deep.equal(['CONFLICT_EXISTS', 'CONFLICT_EXISTS']);
  });

  it('error BUG_UNEXPECTED: a row about something that is not there, and a value no column can hold', async () => {
    const orphan = { sha256: SHA(1), accountId: 'acc_missing', scopes: [], createdAt: 1 };
    const odd: unknown[] = [Number.NaN, true, { a: 1 }];

    expect(await codeOf(accounts.insertApiToken(store(), orphan))).to.equal('BUG_UNEXPECTED');
    for (const value of odd) {
      const write = store()
        .updateTable('network')
        .set({ value: value as string })
        .execute();
      expect(await codeOf(write), String(value)).to.equal('BUG_UNEXPECTED');
    }
  });

  it('behaviour: no error tells a stored value', async () => {
    const secret = 'hunter2-hunter2';
    const invite = anInvite({ id: secret, secret_sha256: secret });
    await store().insertInto('invites').values(invite).execute();
    const message = await store()
      .insertInto('invites')
      .values(invite)
      .execute()
      .catch((error: Error) => error.message);

    expect(message).to.be.a('string').that.does.not.contain(secret);
  });
}

const codeOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'done',
    (error: { code?: unknown }) => error.code,
  );

async function createRequestOf(store: Store): Promise<string> {
  const id = 'req_0000000001';
  await insertRequest(store, {
    id,
    accountId: 'acc_0000000001',
    model: 'a',
    createdAt: 1,
    orchestrator: 'o',
  });
  return id;
}
