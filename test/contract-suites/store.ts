import { expect } from 'chai';
import * as accounts from '../../packages/orchestrator/src/store/accounts.ts';
import * as blobs from '../../packages/orchestrator/src/store/blobs.ts';
import * as evaluations from '../../packages/orchestrator/src/store/evaluations.ts';
import * as events from '../../packages/orchestrator/src/store/events.ts';
import * as invites from '../../packages/orchestrator/src/store/invites.ts';
import * as members from '../../packages/orchestrator/src/store/members.ts';
import * as models from '../../packages/orchestrator/src/store/models.ts';
import { getNetworkFact, putNetworkFact } from '../../packages/orchestrator/src/store/network.ts';
import * as receipts from '../../packages/orchestrator/src/store/receipts.ts';
import * as requests from '../../packages/orchestrator/src/store/requests.ts';
import type { Store } from '../../packages/orchestrator/src/store/store.ts';
import {
  aModel,
  anInvite,
  aPlan,
  createAccount,
  createMember,
  createModel,
  createRequest,
  PEER,
  SHA,
} from './store-builders.ts';
import { describeDeploymentPlanning } from './store-deployment-planning.ts';
import { describeDeployments } from './store-deployments.ts';
import { describeEarnings } from './store-earnings.ts';
import { describeLeases } from './store-leases.ts';
import { describeOrchestrators } from './store-orchestrators.ts';
import { describeSharedWork } from './store-shared-work.ts';
import { describeStoredValues } from './store-values.ts';
import { describeWallets } from './store-wallets.ts';
import { describeWorkers } from './store-workers.ts';

/** A store that is empty but for its schema. */
export interface StoreBackend {
  readonly name: string;
  open(): Promise<Store>;
  /** Lets go of what the stores of one suite shared. */
  close?(): Promise<void>;
}

/** What every store must do, whichever database is behind it. Run it once per backend. */
export function storeContract(backend: StoreBackend): void {
  describe(`store on ${backend.name}`, () => {
    let store: Store;
    beforeEach(async () => {
      store = await backend.open();
    });
    afterEach(() => store.destroy());
    after(() => backend.close?.());

    describeTransactions(() => store);
    describeNetworkAndAccounts(() => store);
    describeInvites(() => store);
    describeWorkers(() => store);
    describeDeployments(() => store);
    describeWallets(() => store);
    describeModels(() => store);
    describeBlobs(() => store);
    describeEvaluations(() => store);
    describeRequests(() => store);
    describeEvents(() => store);
    describeStoredValues(() => store);
    describeLeases(() => store);
    describeOrchestrators(() => store);
    describeSharedWork(() => store);
    describe('earnings', () => describeEarnings(() => store));
    describe('planning of deployments', () => describeDeploymentPlanning(() => store));
  });
}

type Opened = () => Store;

function describeTransactions(store: Opened): void {
  it('behaviour: a transaction that throws leaves nothing behind', async () => {
    const failing = store()
      .transaction()
      .execute(async (tx) => {
        await putNetworkFact(tx, 'a', '1');
        throw new Error('no');
      });

    expect(await failing.catch((error: Error) => error.message)).to.equal('no');
    expect(await getNetworkFact(store(), 'a')).to.equal(undefined);
  });

  it('behaviour: transactions at the same time do not lose each other’s changes', async () => {
    await putNetworkFact(store(), 'count', '0');
    const increment = () =>
      store()
        .transaction()
        .execute(async (tx) => {
          const count = Number(await getNetworkFact(tx, 'count'));
          await new Promise(setImmediate);
          await putNetworkFact(tx, 'count', String(count + 1));
        });

    await Promise.all(Array.from({ length: 20 }, increment));

    expect(await getNetworkFact(store(), 'count')).to.equal('20');
  });
}

function describeNetworkAndAccounts(store: Opened): void {
  it('default: a fact of the network is overwritten', async () => {
    await putNetworkFact(store(), 'key', 'old');
    await putNetworkFact(store(), 'key', 'new');

    expect(await getNetworkFact(store(), 'key')).to.equal('new');
  });

  it('behaviour: hostile text stays text', async () => {
    const hostile = `'; DROP TABLE network; -- \u0000 \u{1f4a5} "\\`;
    await putNetworkFact(store(), hostile, hostile);

    expect(await getNetworkFact(store(), hostile)).to.equal(hostile);
  });

  it('behaviour: a token is found until it is revoked', async () => {
    const account = await createAccount(store());
    await accounts.insertApiToken(store(), {
      sha256: SHA(1),
      accountId: account,
      scopes: ['status'],
      createdAt: 1,
    });

    expect(await accounts.findApiToken(store(), SHA(1))).to.deep.equal({
      accountId: account,
      scopes: ['status'],
    });
    await accounts.revokeStrayTokens(store(), account, 2);
    expect(await accounts.findApiToken(store(), SHA(1))).to.equal(undefined);
  });

  it('behaviour: tokens that stand in token files are no strays', async () => {
    const account = await createAccount(store());
    for (const n of [1, 2, 3]) {
      await accounts.insertApiToken(store(), {
        sha256: SHA(n),
        accountId: account,
        scopes: [],
        createdAt: n,
      });
    }
    await accounts.noteLocalToken(store(), 'a', SHA(1));
    await accounts.noteLocalToken(store(), 'b', SHA(2));
    await accounts.noteLocalToken(store(), 'b', SHA(3));

    await accounts.revokeStrayTokens(store(), account, 2);

    const found = await Promise.all([1, 2, 3].map((n) => accounts.findApiToken(store(), SHA(n))));
    expect(found.map((token) => token !== undefined)).to.deep.equal([true, false, true]);
  });

  it('behaviour: two orchestrators that start at once make one account', async () => {
    const row = { name: 'local', blob_quota_bytes: 1, created_at: 1 };
    await accounts.addAccountOnce(store(), { ...row, id: 'acc_0000000001' });
    await accounts.addAccountOnce(store(), { ...row, id: 'acc_0000000002' });

    expect((await accounts.findAccountByName(store(), 'local'))?.id).to.equal('acc_0000000001');
  });

  it('behaviour: a token of nobody is refused', async () => {
    const orphan = { sha256: SHA(1), accountId: 'acc_missing0000', scopes: [], createdAt: 1 };

    expect(await accounts.insertApiToken(store(), orphan).catch(() => 'refused')).to.equal('refused');
  });
}

function describeInvites(store: Opened): void {
  it('behaviour: newest first; uses are counted once per peer', async () => {
    await invites.insertInvite(store(), anInvite({ id: 'inv_0000000001', created_at: 1 }));
    await invites.insertInvite(store(), anInvite({ id: 'inv_0000000002', created_at: 2 }));
    const use = { inviteId: 'inv_0000000001', peerId: PEER(1), usedAt: 5 };
    await invites.insertInviteUse(store(), use);
    await invites.insertInviteUse(store(), use);

    const ids = (await invites.listInvites(store())).map(({ id }) => id);
    expect(ids).to.deep.equal(['inv_0000000002', 'inv_0000000001']);
    expect(await invites.listInviteUses(store(), 'inv_0000000001')).to.deep.equal([PEER(1)]);
  });

  it('behaviour: the first revocation counts', async () => {
    await invites.insertInvite(store(), anInvite({ id: 'inv_0000000001' }));
    await invites.revokeInvite(store(), 'inv_0000000001', 10);
    await invites.revokeInvite(store(), 'inv_0000000001', 20);

    expect((await invites.getInvite(store(), 'inv_0000000001'))?.revoked_at).to.equal(10);
  });

  it('behaviour: an expelled member is listed again after a new invite', async () => {
    await createMember(store(), PEER(1));
    expect(await members.expelMember(store(), PEER(1), 5)).to.equal(true);
    expect(await members.expelMember(store(), PEER(1), 6)).to.equal(false);
    expect(await members.listMembers(store())).to.deep.equal([]);

    await members.upsertMember(store(), { peerId: PEER(1), inviteId: 'inv_0000000001', joinedAt: 9 });
    const [member] = await members.listMembers(store());
    expect(member).to.include({ peer_id: PEER(1), joined_at: 1, expelled_at: null });
  });
}

function describeModels(store: Opened): void {
  it('default: a model comes back as it was written, bytes and all', async () => {
    const model = await createModel(store(), { name: 'a', files: [SHA(1), SHA(2)] });

    expect(await models.getModel(store(), 'a')).to.deep.equal(model);
    expect(Buffer.from((await models.getManifestBytes(store(), 'a')) ?? [])).to.deep.equal(
      Buffer.from([0, 255, 1]),
    );
    expect(await models.modelHasFile(store(), model.modelHash, SHA(2))).to.equal(true);
    expect(await models.modelHasFile(store(), model.modelHash, SHA(3))).to.equal(false);
    expect((await models.listModelFiles(store(), model.modelHash)).sort()).to.deep.equal([SHA(1), SHA(2)]);
  });

  it('behaviour: a model whose blob is unknown is refused whole', async () => {
    const account = await createAccount(store());
    const model = aModel({ name: 'a', accountId: account });
    const outcome = await store()
      .transaction()
      .execute((tx) => models.insertModel(tx, model, Uint8Array.of(1), [SHA(9)]))
      .catch(() => 'refused');

    expect(outcome).to.equal('refused');
    expect(await models.getModel(store(), 'a')).to.equal(undefined);
  });

  it('behaviour: desired and observed state change apart from each other', async () => {
    await createModel(store(), { name: 'a', files: [] });
    await models.setWanted(store(), 'a', {
      on: true,
      shape: 'chain',
      spread: true,
      minStakeWei: 10n ** 27n + 1n,
    });
    await models.setModelState(store(), 'a', { state: 'placing', reason: 'loading' });

    expect(await models.getModel(store(), 'a')).to.include({
      wanted: true,
      wantedShape: 'chain',
      wantedSpread: true,
      wantedMinStakeWei: 10n ** 27n + 1n,
      state: 'placing',
      reason: 'loading',
      placement: null,
    });
  });

  it('behaviour: what was found for an earlier wish is not written over a newer one', async () => {
    await createModel(store(), { name: 'a', files: [] });
    await models.setWanted(store(), 'a', { on: true, shape: null, spread: false });
    const found = { state: 'failed', reason: 'of before', wish: 1 } as const;

    expect(await models.setModelState(store(), 'a', found)).to.equal(true);
    await models.setWanted(store(), 'a', { on: true, shape: null, spread: false });
    await models.setModelState(store(), 'a', { state: 'placing', reason: 'asked' });
    expect(await models.setModelState(store(), 'a', found)).to.equal(false);
    expect(await models.getModel(store(), 'a')).to.include({ state: 'placing', wish: 2 });
  });

  it('behaviour: why a model failed is kept, and forgotten when it fails no more', async () => {
    await createModel(store(), { name: 'a', files: [] });
    const error = {
      code: 'CAPACITY_NO_PLACEMENT',
      message: 'no room',
      hint: 'add memory',
      retryable: true,
      details: { workers: [{ name: 'small', shortBytes: 5 }] },
    };

    await models.setModelState(store(), 'a', { state: 'failed', reason: 'no room', error });
    expect((await models.getModel(store(), 'a'))?.error).to.deep.equal(error);
    await models.setModelState(store(), 'a', { state: 'ready', reason: 'placed' });
    expect((await models.getModel(store(), 'a'))?.error).to.equal(null);
  });
}

function describeBlobs(store: Opened): void {
  it('behaviour: a blob is forgotten only when no model refers to it', async () => {
    await createModel(store(), { name: 'a', files: [SHA(1)] });
    expect(await blobs.deleteUnreferencedBlob(store(), SHA(1))).to.equal(false);

    await models.deleteModel(store(), 'a');
    expect(await blobs.deleteUnreferencedBlob(store(), SHA(1))).to.equal(true);
    expect(await blobs.getBlob(store(), SHA(1))).to.equal(undefined);
  });

  it('behaviour: each account is charged once per blob, until the blob is gone', async () => {
    const account = await createAccount(store());
    await blobs.insertUploadingBlob(store(), { sha256: SHA(1), sizeBytes: 10, now: 1 });
    await blobs.insertUploadingBlob(store(), { sha256: SHA(2), sizeBytes: 5, now: 1 });
    for (const sha256 of [SHA(1), SHA(1), SHA(2)]) await blobs.insertBlobOwner(store(), sha256, account);
    expect(await blobs.sumOwnedBytes(store(), account)).to.equal(15);

    await blobs.deleteUnreferencedBlob(store(), SHA(1));
    expect(await blobs.sumOwnedBytes(store(), account)).to.equal(5);
    expect(await blobs.ownsBlob(store(), SHA(1), account)).to.equal(false);
  });

  it('behaviour: only what is old and unreferenced is listed for collection', async () => {
    await createModel(store(), { name: 'a', files: [SHA(1)] });
    await blobs.insertUploadingBlob(store(), { sha256: SHA(2), sizeBytes: 1, now: 100 });
    await blobs.insertUploadingBlob(store(), { sha256: SHA(3), sizeBytes: 1, now: 200 });

    const found = await blobs.listUnreferencedBlobs(store(), 100);
    expect(found.map(({ sha256 }) => sha256)).to.deep.equal([SHA(2)]);
  });
}

function describeEvaluations(store: Opened): void {
  const wish = (key: string, dueAt: number) =>
    evaluations.enqueueEvaluation(store(), { key, reason: 'test', dueAt });

  it('default: what is due longest comes first, and only when it is due', async () => {
    await wish('b', 20);
    await wish('a', 10);
    await wish('c', 30);

    expect((await evaluations.takeEvaluation(store(), 25))?.key).to.equal('a');
    expect((await evaluations.takeEvaluation(store(), 25))?.key).to.equal('b');
    expect(await evaluations.takeEvaluation(store(), 25)).to.equal(undefined);
    expect(await evaluations.nextEvaluationDueAt(store())).to.equal(30);
  });

  it('behaviour: wishes for one key join, and the earliest time counts', async () => {
    await wish('a', 30);
    await wish('a', 10);
    await wish('a', 20);

    expect(await evaluations.takeEvaluation(store(), 10)).to.include({ key: 'a', due_at: 10, attempts: 1 });
    expect(await evaluations.takeEvaluation(store(), 99)).to.equal(undefined);
  });

  it('behaviour: a key is evaluated by one at a time; a wish made meanwhile waits', async () => {
    await wish('a', 1);
    const running = await evaluations.takeEvaluation(store(), 5);
    await wish('a', 2);
    expect(await evaluations.takeEvaluation(store(), 5)).to.equal(undefined);

    await evaluations.finishEvaluation(store(), running?.id ?? -1);
    expect(await evaluations.takeEvaluation(store(), 5)).to.include({ key: 'a', state: 'running' });
  });

  it('behaviour: takers at the same time never get the same evaluation', async () => {
    for (const key of ['a', 'b', 'c']) await wish(key, 1);

    const taken = await Promise.all(Array.from({ length: 8 }, () => evaluations.takeEvaluation(store(), 5)));
    const keys = taken.flatMap((row) => (row === undefined ? [] : [row.key]));
    expect(keys.sort()).to.deep.equal(['a', 'b', 'c']);
  });

  it('behaviour: a failed evaluation is due again later, and counts its attempts', async () => {
    await wish('a', 1);
    const first = await evaluations.takeEvaluation(store(), 5);
    if (first !== undefined) await evaluations.retryEvaluation(store(), first, 50, 'again');

    expect(await evaluations.takeEvaluation(store(), 49)).to.equal(undefined);
    expect(await evaluations.takeEvaluation(store(), 50)).to.include({ attempts: 2, reason: 'again' });
  });

  it('behaviour: what was running at a crash is queued again', async () => {
    await wish('a', 1);
    await evaluations.takeEvaluation(store(), 5);
    await wish('a', 2);
    await evaluations.requeueRunningEvaluations(store(), 9);

    expect((await evaluations.takeEvaluation(store(), 9))?.key).to.equal('a');
    expect(await evaluations.takeEvaluation(store(), 9)).to.equal(undefined);
  });
}

function describeRequests(store: Opened): void {
  const end = { shares: [], usage: { promptTokens: 3, completionTokens: 4 }, ttftMs: 1.5, totalMs: 9 };

  it('default: a request goes from running to succeeded', async () => {
    const id = await createRequest(store());
    await requests.setRequestPlan(store(), id, { modelHash: SHA(1), shape: 'island', plan: aPlan() });
    await requests.succeedRequest(store(), id, { ...end, finishedAt: 50 });

    const found = await requests.getRequest(store(), id);
    expect(found).to.deep.include({
      state: 'succeeded',
      shape: 'island',
      plan: aPlan(),
      usage: end.usage,
      ttftMs: 1.5,
      finishedAt: 50,
    });
    expect(await requests.countRequests(store())).to.deep.equal({ running: 0, succeeded: 1, failed: 0 });
  });

  it('behaviour: the first end counts', async () => {
    const id = await createRequest(store());
    await requests.failRequests(store(), { id }, { code: 'PEER_LOST', message: 'gone', finishedAt: 2 });
    await requests.succeedRequest(store(), id, { ...end, finishedAt: 3 });

    expect(await requests.getRequest(store(), id)).to.include({ state: 'failed', errorCode: 'PEER_LOST' });
  });

  it('behaviour: a receipt counts once', async () => {
    const requestId = await createRequest(store());
    const receipt = {
      requestId,
      workerId: PEER(1),
      nonce: '0'.repeat(32),
      units: 5,
      signed: { payload: 'cGF5', signature: 'c2ln' },
      receivedAt: 1,
    };
    expect(await receipts.insertReceipt(store(), receipt)).to.equal(true);
    expect(await receipts.insertReceipt(store(), { ...receipt, units: 9 })).to.equal(false);

    expect(await receipts.listReceipts(store(), requestId)).to.deep.equal([receipt.signed]);
  });
}

function describeEvents(store: Opened): void {
  it('behaviour: only the newest are kept, and told newest first', async () => {
    const total = events.MAX_EVENTS + 250;
    await store()
      .transaction()
      .execute(async (tx) => {
        const event = { kind: 'test.event', subject: 's', message: 'm' };
        const older = Array.from({ length: total - 250 }, (_, index) => ({ at: index + 1, ...event }));
        for (let from = 0; from < older.length; from += 1000) {
          await tx
            .insertInto('events')
            .values(older.slice(from, from + 1000))
            .execute();
        }
        for (let at = total - 249; at <= total; at++) await events.addEvent(tx, { at, ...event });
      });

    const kept = await events.listEvents(store(), total);
    expect(kept).to.have.length.within(events.MAX_EVENTS, events.MAX_EVENTS + events.PRUNE_EVERY);
    expect(kept[0]?.at).to.equal(total);
    expect(kept.at(-1)?.at).to.equal(total - kept.length + 1);
  }).timeout(60_000);

  it('behaviour: nobody who reads on from the newest id misses an event', async () => {
    const add = (at: number) =>
      store()
        .transaction()
        .execute(async (tx) => {
          await events.addEvent(tx, { at, kind: 'test.event', subject: 's', message: 'm' });
          await new Promise((resolve) => setTimeout(resolve, (at * 7) % 5));
        });
    const seen: number[] = [];
    const readOn = async () => {
      const last = seen.at(-1) ?? 0;
      const fresh = (await events.listEvents(store(), 1000)).filter(({ id }) => id > last);
      seen.push(...fresh.map(({ id }) => id).reverse());
    };

    let adding = true;
    const added = Promise.all(Array.from({ length: 12 }, (_, at) => add(at))).finally(() => {
      adding = false;
    });
    while (adding) await readOn();
    await added;
    await readOn();

    expect(seen).to.have.length(12);
  });
}
