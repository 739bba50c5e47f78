import type { ObservedReplica } from '@rios/sdk/schema/container';
import { expect } from 'chai';
import {
  changeDeployment,
  DEPLOYMENTS_KEY,
  type DeploymentRecord,
  findDeployment,
} from '../../src/store/deployments.ts';
import { AT_ONCE, enqueueEvaluation } from '../../src/store/evaluations.ts';
import { listEventsOf } from '../../src/store/events.ts';
import { getRelease, insertRelease } from '../../src/store/releases.ts';
import { listReplicas } from '../../src/store/replicas.ts';
import { ACCOUNT, createHarness, type Harness } from '../p2p/harness.ts';
import type { StandInWorker } from '../p2p/stand-in-worker.ts';
import { until } from '../p2p/until.ts';
import { addDeployment, anAppSpec, aRelease } from '../support/seed-deployments.ts';
import { hostOffer } from './builders.ts';

const NAME = 'hello';
const NEW = { state: 'pending', activeRelease: null } as const;

describe('the loop of deployments', () => {
  let harness: Harness;
  let workers: StandInWorker[];

  beforeEach(async () => {
    harness = await createHarness();
    workers = [];
  });
  afterEach(() => harness.close());

  const addHosts = async (count: number) => {
    for (let index = 0; index < count; index++) {
      const worker = await harness.addWorker(workers.length, { offer: hostOffer() });
      workers.push(worker);
      await worker.beat();
    }
  };
  const evaluate = async () => {
    await enqueueEvaluation(harness.store, { key: DEPLOYMENTS_KEY, reason: 'test', dueAt: AT_ONCE });
    harness.network.wake();
  };
  const deploy = async (given: Parameters<typeof anAppSpec>[0] = {}) => {
    const spec = anAppSpec(given);
    const known = await findDeployment(harness.store, NAME);
    if (known === undefined) {
      const release = { state: 'pending', spec, healthyAt: null, createdAt: harness.clock.now() } as const;
      await addDeployment(harness.store, { name: NAME, accountId: ACCOUNT, ...NEW }, release);
    } else {
      const number = known.latestRelease + 1;
      const release = aRelease({ deploymentId: known.id, number, spec, state: 'pending', healthyAt: null });
      await insertRelease(harness.store, { ...release, createdAt: harness.clock.now() });
      await changeDeployment(harness.store, known.id, { latestRelease: number }, harness.clock.now());
    }
    await evaluate();
  };
  const whenState = (state: DeploymentRecord['state']) =>
    until(`${NAME} is ${state}`, async () => {
      const found = await findDeployment(harness.store, NAME);
      return found?.state === state ? found : undefined;
    });
  const route = () => harness.network.appRoutes.find(NAME);
  const kinds = async () =>
    (await listEventsOf(harness.store, ACCOUNT, 'deployment.', 100)).map(({ kind }) => kind).toReversed();
  const says = (state: ObservedReplica['state'], rest: Partial<ObservedReplica> = {}) => ({ state, ...rest });

  it('default: a release is placed, told to its worker, healthy, and then routed to', async () => {
    await addHosts(1);
    const [worker] = workers;
    await deploy({ env: { GREETING: 'a-long-greeting' } });
    const ready = await whenState('ready');

    expect(ready.activeRelease).to.equal(1);
    const desired = worker?.wishes.at(-1)?.replicas[0];
    expect(desired).to.include({ app: NAME, release: 1, attempt: 1, sandbox: 'standard' });
    expect(desired?.sealedEnv)
      .to.match(/^[\w-]{80,}$/)
      .and.not.contain('a-long-greeting');
    await until('it is routed to', () => route()?.targets.length === 1);
    expect(route()).to.deep.include({ port: 8080, access: 'public', accountId: ACCOUNT, state: 'ready' });
    expect(route()?.targets).to.deep.equal([{ replicaId: desired?.id, workerId: worker?.peerId }]);
    expect(await kinds()).to.deep.equal([
      'deployment.rolling',
      'deployment.placed',
      'deployment.released',
      'deployment.ready',
    ]);
  });

  it('behaviour: a worker that takes containers is told at once that it shall have none', async () => {
    await addHosts(1);
    await until('it is told', () => workers[0]?.wishes.length === 1);
    expect(workers[0]?.wishes[0]).to.deep.equal({ generation: 1, replicas: [] });
  });

  it('behaviour: an update replaces replicas one by one, and never fewer serve than are wanted', async () => {
    await addHosts(2);
    await deploy({ replicas: { min: 3, max: 3 } });
    await whenState('ready');
    await until('three serve', () => route()?.targets.length === 3);

    await deploy({ replicas: { min: 3, max: 3 }, env: { VERSION: '2' } });
    let least = 3;
    await until('the second release serves', async () => {
      least = Math.min(least, route()?.targets.length ?? 0);
      return (await findDeployment(harness.store, NAME))?.activeRelease === 2;
    });
    await harness.pass(12_000, workers);
    await until('the old ones are gone', async () => {
      least = Math.min(least, route()?.targets.length ?? 0);
      const left = await listReplicas(harness.store);
      return left.length === 3 && left.every(({ release }) => release === 2);
    });
    expect(least).to.equal(3);
    const id = (await whenState('ready')).id;
    expect((await getRelease(harness.store, id, 1))?.state).to.equal('superseded');
  });

  it('behaviour: a release that crashes three times is rolled back, with its last lines', async () => {
    await addHosts(1);
    const [worker] = workers;
    await deploy();
    const { id } = await whenState('ready');
    if (worker !== undefined) {
      worker.behaviour.observes = ({ release }) =>
        release === 1 ? {} : says('exited', { exitCode: 3, tail: 'no database' });
    }
    await deploy({ env: { VERSION: '2' } });
    const failed = await until('the release failed', async () => {
      harness.clock.advance(500);
      const release = await getRelease(harness.store, id, 2);
      return release?.state === 'failed' ? release : undefined;
    });

    expect(failed.reason)
      .to.contain('ended 3 times')
      .and.contain('exited with code 3')
      .and.contain('no database');
    expect((await whenState('ready')).activeRelease).to.equal(1);
    expect(await kinds()).to.include('deployment.rolled-back');
    await until('only the first is left', async () => (await listReplicas(harness.store)).length === 1);
    expect(route()?.targets).to.have.length(1);
  });

  it('behaviour: replicas of a worker that dies are replaced on another, and nothing is routed to it', async () => {
    await addHosts(2);
    await deploy();
    await whenState('ready');
    const target = await until('it serves', () => route()?.targets[0]);
    const dead = workers.find(({ peerId }) => peerId === target.workerId);
    await dead?.die();

    const next = await until('another serves', () =>
      route()?.targets.find(({ workerId }) => workerId !== dead?.peerId),
    );
    expect(next.replicaId).to.not.equal(target.replicaId);
    expect(await kinds()).to.include('deployment.replica-lost');
  });

  it('behaviour: a worker that drains may leave once its containers serve elsewhere', async () => {
    await addHosts(2);
    await deploy();
    await whenState('ready');
    const target = await until('it serves', () => route()?.targets[0]);
    const leaving = workers.find(({ peerId }) => peerId === target.workerId);
    let left = false;
    const drained = leaving?.drain().then(() => {
      left = true;
    });
    await until('another serves', () =>
      route()?.targets.some(({ workerId }) => workerId !== leaving?.peerId),
    );
    expect(left).to.equal(false);

    await until('it may leave', () => {
      harness.clock.advance(250);
      return left;
    });
    await drained;
    expect((await listReplicas(harness.store)).map(({ workerId }) => workerId)).to.not.include(
      leaving?.peerId,
    );
  });

  it('behaviour: one that may sleep does so without requests, and wakes with the next', async () => {
    await addHosts(1);
    await deploy({ replicas: { min: 0, max: 2 } });
    await whenState('ready');
    await until('it sleeps', async () => {
      harness.clock.advance(1000);
      await workers[0]?.beat();
      return (await findDeployment(harness.store, NAME))?.state === 'asleep';
    });
    expect(route()?.targets).to.deep.equal([]);

    harness.network.appRoutes.wake(NAME);
    await until('it serves again', () => route()?.targets.length === 1);
    expect((await whenState('ready')).activeRelease).to.equal(1);
  });

  it('behaviour: a stopped deployment keeps its release and no container; a deleted one leaves nothing', async () => {
    await addHosts(1);
    await deploy();
    const { id } = await whenState('ready');
    await changeDeployment(harness.store, id, { wish: 'stop' }, 1);
    await evaluate();
    await whenState('stopped');
    await harness.pass(12_000, workers);
    await until('no container is left', async () => (await listReplicas(harness.store)).length === 0);

    await changeDeployment(harness.store, id, { wish: 'run' }, 1);
    await evaluate();
    await whenState('ready');
    await changeDeployment(harness.store, id, { wish: 'delete' }, 1);
    await evaluate();
    await until('it is gone', async () => (await findDeployment(harness.store, NAME)) === undefined);
    expect(workers[0]?.wishes.at(-1)?.replicas).to.deep.equal([]);
    expect(await getRelease(harness.store, id, 1)).to.equal(undefined);
  });

  it('behaviour: it takes up where it was when the orchestrator is started again', async () => {
    await addHosts(1);
    await deploy();
    await whenState('ready');
    const before = await listReplicas(harness.store);
    await harness.restart();
    await until('it said hello again', () =>
      workers[0]?.hello().then(
        () => true,
        () => false,
      ),
    );
    await workers[0]?.beat();
    await until('it serves', () => route()?.targets.length === 1);
    expect((await listReplicas(harness.store)).map(({ id }) => id)).to.deep.equal(before.map(({ id }) => id));
  });

  it('behaviour: a worker with a sealing key that is none gets no container and breaks nothing', async () => {
    const bad = await harness.addWorker(7, { offer: { ...hostOffer(), sealingKey: 'A'.repeat(43) } });
    await bad.beat();
    await addHosts(1);
    await deploy();
    await whenState('ready');
    expect(bad.wishes.flatMap(({ replicas }) => replicas)).to.deep.equal([]);
  });

  it('behaviour: a worker that claims a container of another is not believed', async () => {
    await addHosts(2);
    const [first, second] = workers;
    for (const worker of workers) worker.behaviour.observes = () => says('starting', { startedAt: 1 });
    await deploy();
    await until('it is told', () => [first, second].find((one) => one?.wishes.at(-1)?.replicas.length === 1));
    const owner = workers.find((one) => one.wishes.at(-1)?.replicas.length === 1);
    const liar = workers.find((one) => one !== owner);
    const id = owner?.wishes.at(-1)?.replicas[0]?.id ?? '';
    const lie = { ...says('healthy'), id, attempt: 1, sandbox: null, error: null, exitCode: null, tail: '' };
    const containers = {
      generation: 1,
      replicas: [{ ...lie, startedAt: null, cpuPercent: null, memoryBytes: null }],
    };
    await liar?.beat({ containers });
    await evaluate();
    harness.clock.advance(1000);
    await liar?.beat({ containers });
    expect(route()?.targets).to.deep.equal([]);
    expect((await findDeployment(harness.store, NAME))?.state).to.equal('pending');
  });
});
