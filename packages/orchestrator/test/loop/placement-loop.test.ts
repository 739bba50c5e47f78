import { expect } from 'chai';
import { getModel, setWanted } from '../../src/store/models.ts';
import { createHarness, type Harness } from '../p2p/harness.ts';
import type { StandInWorker } from '../p2p/stand-in-worker.ts';
import { until } from '../p2p/until.ts';

const OPERATOR = 'acc_operator00';
const SPREAD = { shape: 'island', spread: true } as const;

describe('the placement loop', () => {
  let harness: Harness;
  let workers: StandInWorker[];
  beforeEach(async () => {
    harness = await createHarness();
    workers = [];
    for (const index of [0, 1, 2]) workers.push(await harness.addWorker(index));
    await until('all are listed', async () =>
      (await harness.network.workers.list()).every(({ state }) => state === 'listed'),
    );
  });
  afterEach(() => harness.close());

  const partsOf = (worker: StandInWorker) => worker.assignments.at(-1)?.models[0]?.parts ?? [];
  const helloAgain = async (worker: StandInWorker) => {
    await worker.link().whenClosed;
    await worker.hello();
  };
  const modelState = async () => (await getModel(harness.store, 'small'))?.state;

  it('default: a wanted model is assigned with tickets, and ready when the workers say so', async () => {
    const model = await harness.addModel('small', SPREAD);

    const record = await harness.whenReady('small');

    expect(record.placement?.shape).to.equal('island');
    for (const worker of workers) {
      const [assigned] = worker.assignments.at(-1)?.models ?? [];
      expect(assigned?.modelHash).to.equal(model.modelHash);
      expect(assigned?.manifestBytes).to.equal(model.manifestBytes.length);
      expect(assigned?.fetchTicket.ticket.signature.length).to.be.greaterThan(80);
    }
    const held = workers.flatMap(partsOf);
    expect(held.toSorted()).to.deep.equal(model.manifest.parts.map(({ id }) => id).toSorted());
    expect(await harness.eventKinds()).to.include.members(['model.placing', 'model.placed']);
  });

  it('behaviour: a model is not ready before each part is', async () => {
    const [first] = workers;
    if (first !== undefined) first.behaviour.loads = false;
    await harness.addModel('small', SPREAD);
    await until('it is assigned', () => partsOf(workers[0] as StandInWorker).length > 0);
    for (const worker of workers) await worker.beat();
    expect(await modelState()).to.equal('placing');

    if (first !== undefined) first.behaviour.loads = true;
    await first?.beat();
    await harness.whenReady('small');
  });

  it('behaviour: after a kill the parts move, and the events say whose loss it was', async () => {
    await harness.addModel('small', SPREAD);
    await harness.whenReady('small');
    const [dead, ...alive] = workers;
    const kept = alive.map((worker) => partsOf(worker));

    await dead?.die();
    await until(
      'it is placed anew',
      async () => (await harness.eventKinds()).filter((kind) => kind === 'model.placed').length === 2,
    );

    const record = await harness.whenReady('small');
    expect(JSON.stringify(record.placement?.stages)).to.not.include(dead?.peerId);
    alive.forEach((worker, index) => {
      expect(partsOf(worker)).to.include.members(kept[index] ?? []);
    });
    const kinds = await harness.eventKinds();
    expect(kinds.indexOf('worker.lost')).to.be.lessThan(kinds.indexOf('model.replaced'));
  });

  it('behaviour: a failed part is placed elsewhere', async () => {
    const [bad] = workers;
    const model = await harness.addModel('small');
    if (bad !== undefined) bad.behaviour.failing = new Set(model.manifest.parts.map(({ id }) => id));

    await harness.place('small', SPREAD);

    await until('the bad one holds nothing', async () => {
      const record = await getModel(harness.store, 'small');
      return (
        record?.state === 'ready' && !JSON.stringify(record.placement?.stages).includes(bad?.peerId ?? '-')
      );
    });
  });

  it('behaviour: draining moves the parts first, then lets the worker leave', async () => {
    await harness.addModel('small', SPREAD);
    await harness.whenReady('small');
    const [leaver, ...others] = workers as [StandInWorker, ...StandInWorker[]];
    for (const worker of others) worker.behaviour.loads = false;

    let left = false;
    const leaving = leaver.drain().then(() => {
      left = true;
    });
    await until('nothing is assigned to it', () => partsOf(leaver).length === 0);
    for (const worker of others) await worker.beat();
    expect(left, 'its parts are not elsewhere yet').to.equal(false);
    for (const worker of others) {
      worker.behaviour.loads = true;
      await worker.beat();
    }
    await leaving;
    await leaver.die();

    await until('it has left', async () => (await harness.eventKinds()).includes('worker.left'));
    expect(await harness.eventKinds())
      .to.include('worker.drained')
      .and.not.include('worker.lost');
    expect(await modelState()).to.equal('ready');
  });

  it('behaviour: an operator can drain a worker by its name', async () => {
    const view = await harness.network.workers.drain('worker-1', OPERATOR);

    expect(view.state).to.equal('draining');
    await until('the worker is told', () => workers[1]?.drains === 1);
  });

  it('behaviour: unloading takes all parts off', async () => {
    await harness.addModel('small', SPREAD);
    await harness.whenReady('small');

    await setWanted(harness.store, 'small', { on: false, shape: null, spread: false });
    await workers[0]?.beat();
    await harness.network.workers.drain('worker-2', OPERATOR);

    await until('it is stored only', async () => (await modelState()) === 'stored');
    await until('nobody holds it', () => workers.every((worker) => partsOf(worker).length === 0));
  });

  it('behaviour: a restarted orchestrator waits for its workers, and moves nothing', async () => {
    await harness.addModel('small', SPREAD);
    const before = (await harness.whenReady('small')).placement;

    await harness.restart();
    expect((await getModel(harness.store, 'small'))?.placement).to.deep.equal(before);
    for (const worker of workers) await helloAgain(worker);
    await until('all are listed again', async () =>
      (await harness.network.workers.list()).every(({ state }) => state === 'listed'),
    );

    const after = await until('it is ready again', async () => {
      const record = await getModel(harness.store, 'small');
      const ready = record?.state === 'ready' && record.reason !== '';
      return ready ? record : undefined;
    });
    expect(after.placement).to.deep.equal(before);
  });

  it('behaviour: a worker that does not come back after a restart is lost, and its parts move', async () => {
    await harness.addModel('small', SPREAD);
    await harness.whenReady('small');
    const [gone, ...back] = workers;

    await harness.restart();
    for (const worker of back) await helloAgain(worker);
    await harness.pass(7_000, back);

    await until('it is placed on the others', async () => {
      const record = await getModel(harness.store, 'small');
      return (
        record?.state === 'ready' && !JSON.stringify(record.placement?.stages).includes(gone?.peerId ?? '-')
      );
    });
  });
});
