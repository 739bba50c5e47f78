import { expect } from 'chai';
import { PLANNER_TTL_MS } from '../../packages/orchestrator/src/loop/planner.ts';
import { getAssignment, listAssignmentHeads } from '../../packages/orchestrator/src/store/assignments.ts';
import { createIdempotencyStore } from '../../packages/orchestrator/src/store/idempotency.ts';
import { getModel } from '../../packages/orchestrator/src/store/models.ts';
import { getRequest } from '../../packages/orchestrator/src/store/requests.ts';
import type { Store } from '../../packages/orchestrator/src/store/store.ts';
import { ANSWER_IDS, type StandInWorker } from '../../packages/orchestrator/test/p2p/stand-in-worker.ts';
import { until } from '../../packages/orchestrator/test/p2p/until.ts';
import {
  createPlanningNetwork,
  type PlanningNetwork,
  type PlanningOrchestrator,
} from '../../packages/orchestrator/test/support/planning-network.ts';

export interface PlanningBackend {
  readonly name: string;
  /** The same store each time, as two orchestrators open it; empty for the first of a test. */
  open(first: boolean): Promise<Store>;
  close?(): Promise<void>;
}

const PLANS = 'this orchestrator plans';
const TAKEN = 'assignment taken';

/** Two orchestrators on one store, one of which plans. Run it once per backend. */
export function planningContract(backend: PlanningBackend): void {
  describe(`two orchestrators on ${backend.name}`, () => {
    let stores: Store[];
    let network: PlanningNetwork;
    let first: PlanningOrchestrator;
    let second: PlanningOrchestrator;
    beforeEach(async () => {
      stores = [await backend.open(true)];
      network = await createPlanningNetwork(stores[0] as Store);
      first = await network.addOrchestrator(stores[0] as Store);
      stores.push(await backend.open(false));
      second = await network.addOrchestrator(stores[1] as Store);
    });
    afterEach(async () => {
      first.clock.thaw();
      await network.stop();
      for (const store of new Set(stores)) await store.destroy();
    });
    after(() => backend.close?.());

    const store = () => stores[0] as Store;
    const plans = ({ lines }: PlanningOrchestrator) => lines.filter((line) => line.startsWith(PLANS)).length;
    const takenAt = ({ lines }: PlanningOrchestrator, worker: StandInWorker) =>
      lines.filter((line) => line.startsWith(TAKEN) && line.includes(worker.peerId)).length;
    const whenReady = (name: string) =>
      until(`${name} is ready`, async () => (await getModel(store(), name))?.state === 'ready');
    const kindsAbout = async (subject: string) =>
      (await network.events()).filter((event) => event.subject === subject).map(({ kind }) => kind);
    /** A worker with each, both listed. */
    const addWorkers = async () => {
      const workers = [await network.addWorker(first), await network.addWorker(second)] as const;
      await until('both are listed', async () => {
        const known = await Promise.all([first, second].map((one) => one.network.workers.list()));
        return known.every((all) => all.length === 2 && all.every(({ state }) => state === 'listed'));
      });
      return workers;
    };

    it('default: one plans for all, and each tells its own workers, each assignment once', async () => {
      const [near, far] = await addWorkers();
      await network.addModel('small');
      await network.want('small', second);
      await whenReady('small');

      expect([plans(first), plans(second)]).to.deep.equal([1, 0]);
      expect(await kindsAbout('small')).to.deep.equal(['model.placing', 'model.placed']);
      for (const [worker, home, other] of [
        [near, first, second],
        [far, second, first],
      ] as const) {
        const generations = worker.assignments.map(({ generation }) => generation);
        expect(generations, 'each once, in order').to.deep.equal(
          [...new Set(generations)].toSorted((a, b) => a - b),
        );
        const stored = await getAssignment(store(), worker.peerId);
        expect(worker.assignments.at(-1)).to.deep.equal(stored?.assignment);
        expect(worker.assignments.at(-1)?.models).to.have.length(1);
        expect(takenAt(home, worker)).to.equal(generations.length);
        expect(takenAt(other, worker)).to.equal(0);
      }
    });

    it('behaviour: a request waits for a placement where nobody plans, and is answered by any worker', async () => {
      await addWorkers();
      await network.addModel('small');

      const { summary } = await second.network.inference.run(network.request('small'));

      expect(summary.ids).to.deep.equal(ANSWER_IDS);
      expect(plans(second)).to.equal(0);
      expect((await getModel(store(), 'small'))?.state).to.equal('ready');
    });

    it('error CAPACITY_NO_WORKERS: who waits where nobody plans is told why it cannot be', async () => {
      await network.addModel('small');

      const failure = await second.network.inference.run(network.request('small')).then(
        () => undefined,
        (error: unknown) => error,
      );
      expect(failure).to.include({ code: 'CAPACITY_NO_WORKERS' });
    });

    it('behaviour: one that stops gives the planning to the other at once', async () => {
      await addWorkers();
      const before = performance.now();
      await first.network.stop();

      await until('the other plans', async () => plans(second) === 1);
      expect(performance.now() - before).to.be.lessThan(PLANNER_TTL_MS - 1_000);
    });

    it('behaviour: after a pause another plans; the one that wakes writes and sends nothing', async () => {
      const [, far] = await addWorkers();
      first.clock.freeze();
      const before = performance.now();
      await until('the other plans', async () => plans(second) === 1);
      expect(performance.now() - before).to.be.lessThan(PLANNER_TTL_MS + 2_000);
      await network.addModel('small');
      const taken = takenAt(first, far);
      const heads = await listAssignmentHeads(store());

      // as an evaluation that was under way when it was stopped
      await network.want('small', first);
      await until('it notices', async () =>
        first.lines.some((line) => line.startsWith('the right to plan was lost')),
      );
      first.clock.thaw();

      await until('the other has planned', async () => (await kindsAbout('small')).length > 0);
      expect([plans(first), plans(second)]).to.deep.equal([1, 1]);
      const kinds = await kindsAbout('small');
      expect(kinds, 'each is told once').to.deep.equal([...new Set(kinds)]);
      expect(takenAt(first, far)).to.equal(taken);
      for (const head of await listAssignmentHeads(store())) {
        const old = heads.find(({ workerId }) => workerId === head.workerId);
        expect(head.generation).to.be.at.least(old?.generation ?? 0);
      }
    }).timeout(30_000);

    it('behaviour: requests of one that is gone fail once, retryably, and their keys are free', async () => {
      const workers = await addWorkers();
      await network.addModel('small');
      await network.want('small', first);
      await whenReady('small');
      const { promise: answers, resolve: answer } = Promise.withResolvers<void>();
      for (const worker of workers) worker.behaviour.beforeAnswer = () => answers;
      const request = network.request('small');
      const running = first.network.inference.run(request).catch(() => undefined);
      await until('it runs', async () => (await getRequest(store(), request.requestId))?.state === 'running');
      const keys = createIdempotencyStore(store());
      const claim = (claimId: string, orchestrator: string) =>
        keys.claim(
          { id: 'key', claimId },
          {
            accountId: request.account,
            fingerprint: 'f',
            now: 1,
            leaseUntil: 1e15,
            expiresAt: 1e15,
            orchestrator,
          },
        );
      await claim('first try', first.peerId);

      first.clock.freeze();
      await store()
        .updateTable('orchestrators')
        .set({ ends_at: 1 })
        .where('peer_id', '=', first.peerId)
        .execute();
      await store().updateTable('leases').set({ ends_at: 1 }).where('name', '=', 'planner').execute();
      const failed = await until('it failed', async () => {
        const found = await getRequest(store(), request.requestId);
        return found?.state === 'failed' ? found : undefined;
      });
      expect(failed.errorCode).to.equal('PEER_LOST');
      expect(await claim('second try', second.peerId)).to.include({ claimId: 'second try' });

      answer();
      first.clock.thaw();
      await running;
      expect((await getRequest(store(), request.requestId))?.state).to.equal('failed');
      const told = (await network.events()).filter(({ subject }) => subject === request.requestId);
      expect(told.map(({ kind, accountId }) => [kind, accountId])).to.deep.equal([
        ['request.failed', request.account],
      ]);
    }).timeout(30_000);
  });
}
