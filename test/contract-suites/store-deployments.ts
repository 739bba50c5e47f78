import { signContainerReceipt } from '@rios/sdk/crypto/container-receipt';
import { createIdentity } from '@rios/sdk/crypto/identity';
import { silentLog } from '@rios/sdk/log';
import type { AppSource } from '@rios/sdk/schema/app';
import { expect } from 'chai';
import { createContainerBilling } from '../../packages/orchestrator/src/billing/containers/bill-containers.ts';
import { BILL_EVERY_MS } from '../../packages/orchestrator/src/billing/containers/container-charges.ts';
import { takeReceipts } from '../../packages/orchestrator/src/billing/containers/take-receipts.ts';
import { insertAccount } from '../../packages/orchestrator/src/store/accounts.ts';
import { listWantedCopies, putStoredCopy } from '../../packages/orchestrator/src/store/blob-copies.ts';
import {
  deleteUnreferencedBlob,
  insertUploadingBlob,
  listUnreferencedBlobs,
} from '../../packages/orchestrator/src/store/blobs.ts';
import {
  getContainerWish,
  listWishGenerations,
  putContainerWish,
} from '../../packages/orchestrator/src/store/container-wishes.ts';
import {
  changeDeployment,
  deleteDeployment,
  findDeployment,
  listDeployments,
} from '../../packages/orchestrator/src/store/deployments.ts';
import { addEvent, listEventsAbout } from '../../packages/orchestrator/src/store/events.ts';
import { readBalance } from '../../packages/orchestrator/src/store/ledger.ts';
import { listBillsIn } from '../../packages/orchestrator/src/store/read-bills.ts';
import {
  findReleaseWithFile,
  insertRelease,
  listCurrentReleases,
  listReleaseFiles,
  listReleases,
  pruneReleases,
} from '../../packages/orchestrator/src/store/releases.ts';
import { listReplicas, needsReleaseFile } from '../../packages/orchestrator/src/store/replicas.ts';
import type { Store } from '../../packages/orchestrator/src/store/store.ts';
import {
  addDeployment,
  addReplica,
  anAppSpec,
  aRelease,
} from '../../packages/orchestrator/test/support/seed-deployments.ts';
import { createAccount, SHA } from './store-builders.ts';

const NETWORK = `net_${'1'.repeat(32)}`;
const WORKER = createIdentity(new Uint8Array(32).fill(1));
const folderOf = (index: number): AppSource => ({
  kind: 'folder',
  file: { sha256: SHA(index), sizeBytes: 5, chunks: [SHA(index)] },
  base: 'rios/node',
});

/** Deployments, their releases and files, and what their containers' time costs. */
export function describeDeployments(store: () => Store): void {
  const add = async (name: string, spec = anAppSpec()) => {
    const accountId = await createAccount(store());
    return { accountId, id: await addDeployment(store(), { name, accountId }, { spec }) };
  };

  it('default: a deployment is written, changed in part, and read as it is', async () => {
    const { id, accountId } = await add('hello');
    await changeDeployment(store(), id, { scale: { min: 2 }, wish: 'stop', activeRelease: null }, 9);

    const found = await findDeployment(store(), 'hello');
    expect(found).to.deep.include({ id, scale: { min: 2 }, wish: 'stop', activeRelease: null, updatedAt: 9 });
    expect(await listDeployments(store(), [accountId])).to.deep.equal([found]);
    expect(await listDeployments(store(), [])).to.deep.equal([]);
    await deleteDeployment(store(), id);
    expect(await findDeployment(store(), 'hello')).to.equal(undefined);
  });

  it('behaviour: the latest and the active releases are the current ones; old ones go, save those in use', async () => {
    const { id } = await add('hello');
    for (const number of [2, 3, 4, 5]) {
      await insertRelease(
        store(),
        aRelease({ deploymentId: id, number, spec: anAppSpec({ source: folderOf(number) }) }),
      );
    }
    await changeDeployment(store(), id, { activeRelease: 3, latestRelease: 5 }, 9);

    expect((await listCurrentReleases(store())).map(({ number }) => number)).to.deep.equal([3, 5]);
    expect(await pruneReleases(store(), id, { below: 4, keep: [3] })).to.deep.equal([SHA(2)]);
    expect((await listReleases(store(), id)).map(({ number }) => number)).to.deep.equal([5, 4, 3]);
    expect((await listReleaseFiles(store(), id)).toSorted()).to.deep.equal(
      [SHA(3), SHA(4), SHA(5)].toSorted(),
    );
    expect(await findReleaseWithFile(store(), SHA(4))).to.include({ number: 4 });
    expect(await findReleaseWithFile(store(), SHA(2))).to.equal(undefined);
  });

  it('behaviour: a release’s file stays, is copied to every orchestrator, and is for the workers that run it', async () => {
    const { id } = await add('hello', anAppSpec({ source: folderOf(1) }));
    await insertUploadingBlob(store(), { sha256: SHA(1), sizeBytes: 5, now: 1 });
    await insertUploadingBlob(store(), { sha256: SHA(2), sizeBytes: 5, now: 1 });
    for (const index of [1, 2]) await putStoredCopy(store(), SHA(index), 'one');

    const stale = await listUnreferencedBlobs(store(), 10);
    expect(stale.map(({ sha256 }) => sha256)).to.deep.equal([SHA(2)]);
    expect(await deleteUnreferencedBlob(store(), SHA(1))).to.equal(false);
    expect(await listWantedCopies(store(), 'two', ['one'], 9)).to.deep.equal([
      { sha256: SHA(1), sizeBytes: 5 },
    ]);
    expect(await needsReleaseFile(store(), 'worker', SHA(1))).to.equal(false);
    await addReplica(store(), id, { workerId: 'worker' });
    expect(await needsReleaseFile(store(), 'worker', SHA(1))).to.equal(true);
    expect(await listReplicas(store(), id)).to.have.length(1);
  });

  it('behaviour: what happened to a deployment is told oldest first, and nothing of another of its name', async () => {
    const [owner, other] = [await createAccount(store()), 'acc_0000000002'];
    await insertAccount(store(), { id: other, name: 'eve', blob_quota_bytes: 1, created_at: 1 });
    const happened = async (at: number, kind: string, subject: string, accountId: string) =>
      addEvent(store(), { at, kind, subject, message: `at ${at}`, accountId });
    // of one that had the name before, of another account, of another kind and subject
    await happened(5, 'deployment.deleted', 'told', owner);
    await happened(11, 'deployment.deployed', 'told', other);
    await happened(12, 'billing.low', 'told', owner);
    await happened(13, 'deployment.ready', 'else', owner);
    for (const at of [10, 14, 15]) await happened(at, 'deployment.ready', 'told', owner);
    const about = { accountId: owner, subject: 'told', kindPrefix: 'deployment.', sinceAt: 10 };

    const all = await listEventsAbout(store(), { ...about, after: 0, limit: 10 });
    expect(all.map(({ at }) => at)).to.deep.equal([10, 14, 15]);
    const newest = await listEventsAbout(store(), { ...about, after: 0, limit: 2 });
    expect(newest.map(({ at }) => at)).to.deep.equal([14, 15]);
    const later = await listEventsAbout(store(), { ...about, after: all[1]?.id ?? 0, limit: 10 });
    expect(later.map(({ at }) => at)).to.deep.equal([15]);
  });

  it('behaviour: of a worker’s wishes the newest is kept', async () => {
    for (const generation of [1, 2]) {
      await putContainerWish(store(), 'worker', { generation, replicas: [] }, generation);
    }

    expect(await getContainerWish(store(), 'worker')).to.deep.equal({ generation: 2, replicas: [] });
    expect(await listWishGenerations(store())).to.deep.equal(new Map([['worker', 2]]));
  });

  it('behaviour: containers’ time is held once and billed once, by however many at a time', async () => {
    const { id, accountId } = await add('hello');
    const prices = { cores: String(10n ** 16n), memory: String(5n * 10n ** 15n), gpus: '0' };
    const replica = await addReplica(store(), id, { workerId: WORKER.peerId, prices });
    let now = 1_000_000;
    const modules = { store: store(), clock: { now: () => now }, log: silentLog };
    const billers = Array.from({ length: 4 }, () => createContainerBilling({ ...modules, wake: () => {} }));
    const step = () => Promise.all(billers.map((biller) => biller.step()));
    const { cpuMillicores, memoryBytes } = anAppSpec().resources;
    const receipt = {
      networkId: NETWORK,
      worker: WORKER.peerId,
      deploymentId: id,
      replicaId: replica.id,
      ticketNonce: replica.ticketNonce,
      sandbox: 'standard' as const,
      cpuMillicores,
      memoryBytes,
      gpus: 0,
      prices,
      startedAt: now,
      signedAt: now,
    };

    await step();
    const heldWei = await readBalance(store(), `held:${accountId}`);
    expect(heldWei > 0n).to.equal(true);
    now += BILL_EVERY_MS;
    const signed = [signContainerReceipt(WORKER, { ...receipt, ranMs: 59_000 })];
    await Promise.all(
      billers.map(() => takeReceipts({ ...modules, networkId: NETWORK }, WORKER.peerId, signed)),
    );
    await step();
    const span = { accountId, from: 0, to: 1e15 };
    const bills = await listBillsIn(store(), span, { after: undefined, limit: 9 });
    expect(bills.map(({ model, reservedWei }) => [model, reservedWei])).to.deep.equal([
      ['app:hello', String(heldWei)],
    ]);
    expect(await readBalance(store(), `held:${accountId}`)).to.equal(heldWei);
    const entries = await store().selectFrom('ledger_entries').select('amount_wei').execute();
    expect(entries.reduce((sum, { amount_wei }) => sum + BigInt(amount_wei), 0n)).to.equal(0n);
  });
}
