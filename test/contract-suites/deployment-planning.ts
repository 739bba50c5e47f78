import { expect } from 'chai';
import { DEPLOYMENTS_KEY, findDeployment } from '../../packages/orchestrator/src/store/deployments.ts';
import { AT_ONCE, enqueueEvaluation } from '../../packages/orchestrator/src/store/evaluations.ts';
import type { Store } from '../../packages/orchestrator/src/store/store.ts';
import { hostOffer } from '../../packages/orchestrator/test/deployments/builders.ts';
import { ACCOUNT } from '../../packages/orchestrator/test/p2p/harness.ts';
import type { StandInWorker } from '../../packages/orchestrator/test/p2p/stand-in-worker.ts';
import { until } from '../../packages/orchestrator/test/p2p/until.ts';
import {
  createPlanningNetwork,
  type PlanningNetwork,
  type PlanningOrchestrator,
} from '../../packages/orchestrator/test/support/planning-network.ts';
import { addDeployment, anAppSpec } from '../../packages/orchestrator/test/support/seed-deployments.ts';
import type { PlanningBackend } from './planning.ts';

const NAME = 'hello';
const SLEEPS = { id: 'dep_sleeps0000', name: NAME, accountId: ACCOUNT } as const;

/** Applications on two orchestrators of one store, one of which plans. Run it once per backend. */
export function deploymentPlanningContract(backend: PlanningBackend): void {
  describe(`deployments of two orchestrators on ${backend.name}`, () => {
    let stores: Store[];
    let network: PlanningNetwork;
    let first: PlanningOrchestrator;
    let second: PlanningOrchestrator;
    let workers: StandInWorker[];
    beforeEach(async () => {
      stores = [await backend.open(true)];
      network = await createPlanningNetwork(stores[0] as Store);
      first = await network.addOrchestrator(stores[0] as Store);
      stores.push(await backend.open(false));
      second = await network.addOrchestrator(stores[1] as Store);
      // the first is the cheaper one: a single replica goes there
      const cheap = { prices: { cores: '1', memory: '1', gpus: '0' } };
      workers = [
        await network.addWorker(first, hostOffer(cheap)),
        await network.addWorker(second, hostOffer()),
      ];
      // a plan that is made before would know one of them alone
      await until('both workers are listed and reported', async () => {
        const rows = await store().selectFrom('workers').select(['state', 'containers_json']).execute();
        return rows.filter((row) => row.state === 'listed' && row.containers_json !== null).length === 2;
      });
    });
    afterEach(async () => {
      first.clock.thaw();
      await network.stop();
      for (const store of new Set(stores)) await store.destroy();
    });
    after(() => backend.close?.());

    const store = () => stores[0] as Store;
    const evaluateAt = async (at: PlanningOrchestrator) => {
      await enqueueEvaluation(store(), { key: DEPLOYMENTS_KEY, reason: 'test', dueAt: AT_ONCE });
      at.network.wake();
    };
    const deployAt = async (at: PlanningOrchestrator, count: number) => {
      const spec = anAppSpec({ replicas: { min: count, max: count }, env: { WORD: 'x' } });
      const release = { state: 'pending', spec, healthyAt: null, createdAt: Date.now() } as const;
      const bare = { name: NAME, accountId: ACCOUNT, state: 'pending', activeRelease: null } as const;
      await addDeployment(store(), bare, release);
      await evaluateAt(at);
    };
    const targetsAt = (one: PlanningOrchestrator) => one.network.appRoutes.find(NAME)?.targets ?? [];
    const whenRouted = (count: number, ...all: PlanningOrchestrator[]) =>
      until(`${count} replicas are routed to`, () => all.every((one) => targetsAt(one).length === count));

    it('default: one plans, each tells its own workers, and both know where requests go', async () => {
      await deployAt(second, 2);
      await whenRouted(2, first, second);

      for (const worker of workers) expect(worker.wishes.at(-1)?.replicas).to.have.length(1);
      expect(new Set(targetsAt(first).map(({ workerId }) => workerId)).size).to.equal(2);
      expect(targetsAt(second)).to.deep.equal(targetsAt(first));
      const generations = workers.map(({ wishes }) => wishes.map(({ generation }) => generation));
      for (const told of generations) {
        expect(told, 'each once, in order').to.deep.equal([...new Set(told)].toSorted((a, b) => a - b));
      }
    });

    it('behaviour: when the one that plans stands still the other goes on, and replaces what is lost with it', async () => {
      await deployAt(first, 1);
      await whenRouted(1, first, second);
      first.clock.freeze();
      await store()
        .updateTable('orchestrators')
        .set({ ends_at: 1 })
        .where('peer_id', '=', first.peerId)
        .execute();
      await store().updateTable('leases').set({ ends_at: 1 }).where('name', '=', 'planner').execute();
      const [near, far] = workers;
      expect(targetsAt(second)[0]?.workerId).to.equal(near?.peerId);

      // the home of its worker is gone, and so is the worker once its lease ends
      await until('it is routed to', () => targetsAt(second)[0]?.workerId === far?.peerId);
    }).timeout(30_000);

    it('behaviour: a request that waits at the one that does not plan wakes an application', async () => {
      const spec = anAppSpec({ replicas: { min: 0, max: 1 } });
      await addDeployment(store(), { ...SLEEPS, state: 'asleep', autoscaleJson: '{"wanted":0}' }, { spec });
      await evaluateAt(first);
      await until('both know of it', () =>
        [first, second].every((one) => one.network.appRoutes.find(NAME) !== undefined),
      );
      expect((await findDeployment(store(), NAME))?.state).to.equal('asleep');

      second.network.appRoutes.wake(NAME);
      await whenRouted(1, first, second);
    });
  });
}
