import { expect } from 'chai';
import fc from 'fast-check';
import { anAppSpec } from '../support/seed-deployments.ts';
import { createWorld, setHostState, type World } from './world.ts';

const replicas = (count: number) => ({ replicas: { min: count, max: count } });
const steps = (world: World, count: number, ms = 500) => {
  for (let step = 0; step < count; step++) world.step(ms);
};
const ready = (world: World, count: number) => {
  expect(world.deployment.state, world.deployment.reason).to.equal('ready');
  expect(world.serving()).to.have.length(count);
  expect(world.replicas.size, 'nothing else is left').to.equal(count);
};

describe('planning deployments', () => {
  it('default: a first release starts all its replicas at once and is active when all are healthy', () => {
    const world = createWorld(2);
    world.deploy(replicas(3));
    world.step();
    expect(world.running()).to.have.length(3);
    steps(world, 5);
    ready(world, 3);
    expect(world.deployment.activeRelease).to.equal(1);
  });

  it('behaviour: planning again when nothing has changed changes nothing', () => {
    const world = createWorld(2);
    world.deploy(replicas(3));
    steps(world, 10);
    const plan = world.step();
    expect(plan.deployments).to.deep.equal([]);
    expect(plan.replicas).to.deep.equal([]);
    expect(plan.releases).to.deep.equal([]);
    expect(plan.events).to.deep.equal([]);
    expect(plan.nextAt).to.equal(undefined);
  });

  it('behaviour: a rolling update has one more than wanted at most, and never fewer that serve', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 4 }), (count, hosts) => {
        const world = createWorld(hosts);
        world.deploy(replicas(count));
        steps(world, 8);
        world.deploy({ ...replicas(count), env: { V: '2' } });
        for (let step = 0; step < count * 8 + 40; step++) {
          world.step();
          expect(world.serving().length, `serving at step ${step}`).to.be.at.least(count);
          expect(world.running().length, `running at step ${step}`).to.be.at.most(count + 1);
        }
        ready(world, count);
        expect(world.deployment.activeRelease).to.equal(2);
        expect(world.releases.get(1)?.state).to.equal('superseded');
      }),
      { numRuns: 20 },
    );
  });

  it('option: blue-green starts all new ones, switches once, and only then ends the old ones', () => {
    const world = createWorld(2);
    world.deploy({ ...replicas(3), strategy: 'blue-green' });
    steps(world, 8);
    world.deploy({ ...replicas(3), strategy: 'blue-green', env: { V: '2' } });
    const served = new Set<string>();
    world.step();
    expect(world.running()).to.have.length(6);
    for (let step = 0; step < 40; step++) {
      world.step();
      served.add([...new Set(world.serving().map(({ release }) => release))].join());
      expect(world.serving().length).to.be.at.least(3);
    }
    expect([...served], 'never both at once').to.deep.equal(['1', '2']);
    ready(world, 3);
  });

  it('behaviour: a release that never becomes healthy is rolled back; the old one serves all the time', () => {
    for (const outcome of ['exited', 'unhealthy', 'failed', 'starting'] as const) {
      const world = createWorld(2);
      world.deploy(replicas(2));
      steps(world, 8);
      world.outcome = ({ release }) => (release === 1 ? 'healthy' : outcome);
      world.deploy({ ...replicas(2), env: { V: '2' } });
      for (let step = 0; step < 200; step++) {
        world.step();
        expect(world.serving().length, outcome).to.equal(2);
      }
      expect(world.releases.get(2)?.state, outcome).to.equal('failed');
      ready(world, 2);
      expect(
        world.events.filter(({ kind }) => kind === 'deployment.rolled-back'),
        outcome,
      ).to.have.length(1);
    }
  });

  it('behaviour: a first release that fails ends as failed, with nothing left running', () => {
    const world = createWorld(1);
    world.outcome = () => 'exited';
    world.deploy(replicas(2));
    steps(world, 40);
    expect(world.deployment).to.include({ state: 'failed', activeRelease: null });
    expect(world.replicas.size).to.equal(0);
  });

  it('behaviour: a newer release overtakes one that is still rolling, which becomes superseded', () => {
    const world = createWorld(2);
    world.deploy(replicas(3));
    steps(world, 8);
    world.deploy({ ...replicas(3), env: { V: '2' } });
    steps(world, 4);
    world.deploy({ ...replicas(3), env: { V: '3' } });
    for (let step = 0; step < 80; step++) {
      world.step();
      expect(world.serving().length, `step ${step}`).to.be.at.least(3);
    }
    ready(world, 3);
    expect(world.releases.get(2)?.state).to.equal('superseded');
    expect(world.deployment.activeRelease).to.equal(3);
  });

  it('behaviour: a rollback is a release of its own, and what it takes the place of is rolled back', () => {
    const world = createWorld(1);
    world.deploy();
    steps(world, 8);
    world.deploy({ env: { V: '2' } });
    steps(world, 40);
    world.deploy({}, 1);
    steps(world, 40);
    expect(world.releases.get(2)?.state).to.equal('rolled-back');
    expect(world.deployment.activeRelease).to.equal(3);
  });

  it('behaviour: a restart replaces every replica once, one after the other', () => {
    const world = createWorld(2);
    world.deploy(replicas(3));
    steps(world, 8);
    const before = new Set(world.replicas.keys());
    world.deployment = { ...world.deployment, restartCount: 1 };
    for (let step = 0; step < 80; step++) {
      world.step();
      expect(world.serving().length).to.be.at.least(3);
    }
    ready(world, 3);
    expect([...world.replicas.keys()].filter((id) => before.has(id))).to.deep.equal([]);
  });

  it('behaviour: the replicas of a lost worker are replaced at once on others; when it is back it has none', () => {
    const world = createWorld(3);
    world.deploy(replicas(3));
    steps(world, 8);
    setHostState(world, 'host-0', 'lost');
    world.step();
    expect(world.running().filter(({ workerId }) => workerId === 'host-0')).to.deep.equal([]);
    expect(world.running()).to.have.length(3);
    steps(world, 8);
    setHostState(world, 'host-0', 'listed');
    steps(world, 8);
    ready(world, 3);
    expect(world.hosts.get('host-0')?.wish.size).to.equal(0);
  });

  it('behaviour: what a removed container takes is taken until its worker has none of it', () => {
    const world = createWorld(1);
    const { resources } = anAppSpec();
    world.deploy({ resources: { ...resources, cpuMillicores: 3000 } });
    steps(world, 8);
    world.busy.add('host-0');
    world.deployment = { ...world.deployment, wish: 'stop' };
    steps(world, 30);
    expect(world.running()).to.deep.equal([]);
    expect(world.replicas.size, 'it may still be there').to.equal(1);
    world.deployment = { ...world.deployment, wish: 'run' };
    world.step();
    expect(world.deployment.reason).to.contain('cpu: 3 cores needed, 1 cores free');
    world.busy.clear();
    steps(world, 10);
    ready(world, 1);
  });

  it('behaviour: one that was never seen is not gone before its worker has read that it shall not be', () => {
    const world = createWorld(1);
    world.busy.add('host-0');
    world.deploy();
    world.step();
    world.deployment = { ...world.deployment, wish: 'stop' };
    steps(world, 4);
    expect(world.replicas.size).to.equal(1);
    world.busy.clear();
    steps(world, 2);
    expect(world.replicas.size).to.equal(0);
  });

  it('behaviour: a worker that is coming back keeps what it has', () => {
    const world = createWorld(1);
    world.deploy();
    steps(world, 8);
    const [id] = world.replicas.keys();
    const one = world.hosts.get('host-0');
    if (one !== undefined) one.host = { ...one.host, state: 'joining', report: null };
    world.step(0);
    expect([...world.replicas.keys()]).to.deep.equal([id]);
  });

  it('behaviour: a draining worker is emptied when others serve, or when nobody takes its containers', () => {
    const world = createWorld(2);
    world.deploy(replicas(2));
    steps(world, 8);
    setHostState(world, 'host-0', 'draining');
    for (let step = 0; step < 40; step++) {
      world.step();
      expect(world.serving().length, `step ${step}`).to.be.at.least(2);
    }
    expect(world.hosts.get('host-0')?.containers.size).to.equal(0);
    setHostState(world, 'host-1', 'draining');
    steps(world, 40);
    expect(world.replicas.size).to.equal(0);
    expect(world.deployment.state).to.equal('degraded');
    expect(world.deployment.reason).to.contain('host-1: it is draining');
  });

  it('behaviour: a container that one worker cannot start goes to another', () => {
    const world = createWorld(2);
    world.outcome = ({ workerId }) => (workerId === 'host-0' ? 'failed' : 'healthy');
    world.deploy(replicas(2));
    steps(world, 30);
    ready(world, 2);
    expect(world.hosts.get('host-0')?.containers.size).to.equal(0);
  });

  it('behaviour: without a place it waits, and says who falls short by how much', () => {
    const world = createWorld(1);
    const { resources } = {
      resources: { cpuMillicores: 9000, memoryBytes: 2 ** 24, diskBytes: 0, pids: 64, gpus: 0 },
    };
    world.deploy({ resources });
    steps(world, 5);
    expect(world.deployment.state).to.equal('pending');
    expect(world.deployment.reason).to.equal(
      'no worker takes it: host-0: cpu: 9 cores needed, 4 cores free, 5 cores short',
    );
  });

  it('behaviour: an update that finds no place gives up after a minute; the old release stays', () => {
    const world = createWorld(1);
    world.deploy();
    steps(world, 8);
    world.deploy({ labels: { rack: '7' } });
    steps(world, 130);
    expect(world.releases.get(2)).to.include({ state: 'failed' });
    ready(world, 1);
  });

  it('behaviour: scaled to nothing it has nothing; a release without replicas is active at once', () => {
    const world = createWorld(1);
    world.deploy(replicas(2));
    steps(world, 8);
    world.deployment = { ...world.deployment, scale: { replicas: 0 } };
    steps(world, 40);
    expect(world.replicas.size).to.equal(0);
    expect(world.deployment.state).to.equal('stopped');
    world.deploy({ env: { V: '2' } });
    world.step();
    expect(world.deployment.activeRelease).to.equal(2);
  });

  it('behaviour: whatever workers do, it comes to rest as wished once they are well', () => {
    const trouble = fc.record({
      host: fc.integer({ min: 0, max: 3 }),
      what: fc.constantFrom('lost', 'listed', 'draining', 'crash', 'well', 'deploy', 'scale', 'restart'),
      count: fc.integer({ min: 1, max: 5 }),
      pause: fc.integer({ min: 0, max: 12 }),
    });
    fc.assert(
      fc.property(fc.array(trouble, { maxLength: 25 }), (troubles) => {
        const world = createWorld(4);
        world.deploy(replicas(3));
        for (const { host, what, count, pause } of troubles) {
          if (what === 'lost' || what === 'listed' || what === 'draining')
            setHostState(world, `host-${host}`, what);
          if (what === 'crash')
            world.outcome = ({ workerId }) => (workerId === `host-${host}` ? 'exited' : 'healthy');
          if (what === 'well') world.outcome = () => 'healthy';
          if (what === 'deploy') world.deploy({ ...replicas(count), env: { V: String(world.now) } });
          if (what === 'scale') world.deployment = { ...world.deployment, scale: { replicas: count } };
          if (what === 'restart') {
            const restartCount = world.deployment.restartCount + 1;
            world.deployment = { ...world.deployment, restartCount };
          }
          steps(world, pause);
          const limit = 2 * 5 + 1;
          expect(world.running().length, 'never far beyond what is wanted').to.be.at.most(limit);
        }
        world.outcome = () => 'healthy';
        for (const id of world.hosts.keys()) setHostState(world, id, 'listed');
        world.deploy({ env: { V: 'last' }, ...replicas(3) });
        steps(world, 250);
        ready(world, world.deployment.scale.replicas ?? 3);
        expect(world.deployment.activeRelease).to.equal(world.deployment.latestRelease);
        for (const { containers, host } of world.hosts.values()) {
          for (const id of containers.keys())
            expect(world.replicas.has(id), `${id} on ${host.name}`).to.equal(true);
        }
      }),
      { numRuns: 60 },
    );
  });
});
