import { expect } from 'chai';
import { createWishTable } from '../../packages/orchestrator/src/deployments/wish-table.ts';
import { listAppFigures, replaceAppFigures } from '../../packages/orchestrator/src/store/app-figures.ts';
import { putContainerWish } from '../../packages/orchestrator/src/store/container-wishes.ts';
import { changeDeployment, DEPLOYMENTS_KEY } from '../../packages/orchestrator/src/store/deployments.ts';
import {
  enqueueEvaluation,
  nextEvaluationDueAt,
  takeEvaluation,
} from '../../packages/orchestrator/src/store/evaluations.ts';
import { insertRelease, listCurrentReleases } from '../../packages/orchestrator/src/store/releases.ts';
import { listContainerHosts } from '../../packages/orchestrator/src/store/replicas.ts';
import type { Store } from '../../packages/orchestrator/src/store/store.ts';
import {
  addDeployment,
  addReplica,
  aRelease,
} from '../../packages/orchestrator/test/support/seed-deployments.ts';
import { PEER } from './store-builders.ts';

/** What the planner of deployments keeps in the store. */
export function describeDeploymentPlanning(store: () => Store): void {
  it('behaviour: evaluations of one kind are taken without those of another', async () => {
    await enqueueEvaluation(store(), { key: 'network', reason: 'test', dueAt: 5 });
    await enqueueEvaluation(store(), { key: DEPLOYMENTS_KEY, reason: 'test', dueAt: 7 });

    const keys = [DEPLOYMENTS_KEY];
    expect(await nextEvaluationDueAt(store(), keys)).to.equal(7);
    expect((await takeEvaluation(store(), 9, keys))?.key).to.equal(DEPLOYMENTS_KEY);
    expect(await takeEvaluation(store(), 9, keys)).to.equal(undefined);
    expect((await takeEvaluation(store(), 9))?.key).to.equal('network');
  });

  it('behaviour: a plan gets the latest and the active release, those that roll, and those with containers', async () => {
    const id = await addDeployment(store(), {
      name: 'app',
      accountId: 'acc_1',
      latestRelease: 6,
      activeRelease: 4,
    });
    for (const number of [2, 3, 4, 5, 6]) {
      const state = number === 3 ? 'rolling' : 'superseded';
      await insertRelease(store(), aRelease({ deploymentId: id, number, state }));
    }
    await addReplica(store(), id, { workerId: PEER(1), release: 2 });
    expect((await listCurrentReleases(store())).map(({ number }) => number)).to.deep.equal([2, 3, 4, 6]);
    expect([...(await listContainerHosts(store()))]).to.deep.equal([PEER(1)]);
    expect(await changeDeployment(store(), 'dep_none', { reason: 'x' }, 1)).to.equal(false);
  });

  it('behaviour: the table of wishes reads only what is newer', async () => {
    const table = createWishTable(store());
    await putContainerWish(store(), PEER(1), { generation: 3, replicas: [] }, 1);
    await table.refresh();
    const known = table.newest(PEER(1));
    expect(known).to.deep.equal({ generation: 3, replicas: [] });
    await table.refresh();
    expect(table.newest(PEER(1)), 'not read again').to.equal(known);
    await store()
      .transaction()
      .execute(async (tx) => {
        await putContainerWish(tx, PEER(1), { generation: 4, replicas: [] }, 2);
        await table.refresh(tx);
      });
    expect(table.newest(PEER(1))?.generation).to.equal(4);
    expect(table.newest(PEER(2))).to.equal(undefined);
  });

  it('behaviour: figures of others count while they are new, by the store’s time', async () => {
    const seen = { deploymentId: 'dep_1', inFlight: 2, waiting: 1, p95Ms: 12.4 };
    await replaceAppFigures(store(), 'one', [seen]);
    expect(await listAppFigures(store(), { except: 'two', maxAgeMs: 5_000 })).to.deep.equal([
      { ...seen, p95Ms: 12 },
    ]);
    expect(await listAppFigures(store(), { except: 'one', maxAgeMs: 5_000 })).to.deep.equal([]);
    await store().updateTable('app_figures').set({ at: 1 }).execute();
    expect(await listAppFigures(store(), { except: 'two', maxAgeMs: 5_000 })).to.deep.equal([]);
    await replaceAppFigures(store(), 'one', []);
    expect(await store().selectFrom('app_figures').selectAll().execute()).to.deep.equal([]);
  });
}
