import type { Placement } from '@rios/sdk/schema/route';
import { expect } from 'chai';
import fc from 'fast-check';
import type { ModelSummary, PlanInput, WorkerFacts } from '../../src/dmoe/facts.ts';
import { expertParts, tableOf, trunkParts } from '../../src/dmoe/memory.ts';
import { planPlacement } from '../../src/dmoe/place.ts';
import { reservedBytes } from '../../src/dmoe/reserved.ts';
import type { Shortage } from '../../src/dmoe/shortage.ts';
import { buildModel, buildWorker, buildWorkers, peerIdOf } from './builders.ts';

function placed(input: PlanInput): Placement {
  const outcome = planPlacement(input);
  if ('placement' in outcome) return outcome.placement;
  throw new Error(`not placed: ${outcome.shortage.message}`);
}

function short(input: PlanInput): Shortage {
  const outcome = planPlacement(input);
  if ('shortage' in outcome) return outcome.shortage;
  throw new Error('it was placed');
}

/** Part ids by worker, experts only. */
const expertsOf = (placement: Placement) =>
  new Map(placement.stages.flatMap(({ experts }) => experts.map(({ workerId, parts }) => [workerId, parts])));

const layersOf = (parts: readonly string[]) => new Set(parts.map((id) => id.split('.')[1]));

describe('planPlacement', () => {
  it('default: a model that fits one worker becomes a replica on the fastest', () => {
    const workers = [
      buildWorker(0),
      buildWorker(1, { readBytesPerSecond: 4e10, expertMs: 0.05 }),
      buildWorker(2),
    ];

    const placement = placed({ model: buildModel(), workers });

    expect(placement.shape).to.equal('replica');
    expect(placement.stages.map(({ workerId, from, to }) => [workerId, from, to])).to.deep.equal([
      [peerIdOf(1), 0, 4],
    ]);
    expect(placement.rejected.map(({ subject }) => subject)).to.include.members([
      'shape chain',
      'shape island',
    ]);
    expect(placement.rejected.filter(({ subject }) => subject.startsWith('worker-'))).to.have.length(2);
  });

  it('behaviour: a far chain is taken when no worker has room for all, and layers follow the speed', () => {
    const room = { availableBytes: 32_000_000 };
    const workers = [
      buildWorker(0, room),
      buildWorker(1, { ...room, expertMs: 0.6, readBytesPerSecond: 3e9 }),
    ];
    const far = workers.map((worker) => ({ ...worker, rttMs: { [peerIdOf(0)]: 40, [peerIdOf(1)]: 40 } }));

    const placement = placed({ model: buildModel({ trunkBytes: 500_000 }), workers: far });

    expect(placement.shape).to.equal('chain');
    const layers = new Map(placement.stages.map(({ workerId, from, to }) => [workerId, to - from]));
    expect(layers.get(peerIdOf(0))).to.be.greaterThan(layers.get(peerIdOf(1)) ?? 4);
  });

  it('behaviour: a near island is taken when experts dominate and hosts are slow at them', () => {
    const model = buildModel({ layers: 8, experts: 16, topK: 8, expertBytes: 20_000_000 });
    const workers = buildWorkers(4, { threads: 1, expertMs: 2, availableBytes: 1e10 }, 0.2);

    const placement = placed({ model, workers });

    expect(placement.shape).to.equal('island');
    expect(expertsOf(placement).size).to.be.greaterThan(1);
  });

  it('behaviour: a far fan-out is refused with the reason', () => {
    const model = buildModel({ layers: 8, experts: 16, topK: 8, expertBytes: 20_000_000 });
    const workers = buildWorkers(4, { threads: 1, expertMs: 2, availableBytes: 1e10 }, 30);

    const placement = placed({ model, workers });

    expect(placement.shape).to.equal('replica');
    const why = placement.rejected.find(({ subject }) => subject === 'shape island');
    expect(why?.reason).to.match(/round trip of 2 ms/);
  });

  it('option shape island, spread: three workers each get some groups of every layer, none all', () => {
    const model = buildModel();

    const placement = placed({ model, workers: buildWorkers(3, {}, 100), shape: 'island', spread: true });

    const held = expertsOf(placement);
    expect(held.size).to.equal(3);
    for (const [workerId, parts] of held) {
      expect(layersOf(parts).size, workerId).to.equal(4);
      for (const layer of layersOf(parts)) {
        const here = parts.filter((id) => id.split('.')[1] === layer);
        expect(here.length, `${workerId} layer ${layer}`).to.be.within(1, 2);
      }
    }
  });

  it('option spread: speeds far apart still leave no worker without work', () => {
    const [fast, ...others] = buildWorkers(3);
    const workers = [{ ...(fast as WorkerFacts), expertMs: 0.001, readBytesPerSecond: 1e12 }, ...others];

    const placement = placed({ model: buildModel(), workers, shape: 'island', spread: true });

    for (const [workerId, parts] of expertsOf(placement)) expect(layersOf(parts).size, workerId).to.equal(4);
  });

  it('option shape chain: two equal workers share the layers evenly', () => {
    const placement = placed({ model: buildModel(), workers: buildWorkers(2), shape: 'chain' });

    expect(placement.stages.map(({ from, to }) => [from, to])).to.deep.equal([
      [0, 2],
      [2, 4],
    ]);
    expect(placement.reason).to.match(/chain was asked for/);
  });

  it('behaviour: a chain keeps the stages that the model was split by', () => {
    const model = buildModel({
      layers: 6,
      stages: [
        [0, 1],
        [1, 5],
        [5, 6],
      ],
    });

    const placement = placed({ model, workers: buildWorkers(2), shape: 'chain' });

    const cut = placement.stages[0]?.to;
    expect([1, 5]).to.include(cut);
  });

  it('behaviour: a worker that drains, is lost, or where the model failed gets nothing', () => {
    const workers = [
      buildWorker(0, { state: 'draining', reason: 'asked to' }),
      buildWorker(1, { state: 'unreachable', reason: 'no route' }),
      buildWorker(2, { excluded: 'the disk is full' }),
      buildWorker(3, { expertMs: 5 }),
    ];

    const placement = placed({ model: buildModel(), workers });

    expect(placement.stages[0]?.workerId).to.equal(peerIdOf(3));
    const reasons = placement.rejected.map(({ reason }) => reason);
    expect(reasons).to.include.members(['draining: asked to', 'unreachable: no route', 'the disk is full']);
  });

  it('behaviour: nothing lost, nothing moved, whoever else comes', () => {
    const model = buildModel();
    const current = placed({ model, workers: buildWorkers(2), shape: 'island', spread: true });
    const faster = [...buildWorkers(2), buildWorker(2, { expertMs: 0.001, readBytesPerSecond: 1e12 })];

    expect(placed({ model, workers: faster, shape: 'island', spread: true, current })).to.equal(current);
  });

  it('behaviour: after a loss only what was lost moves', () => {
    const model = buildModel();
    const current = placed({ model, workers: buildWorkers(4), shape: 'island', spread: true });
    const trunk = current.stages[0]?.workerId;
    for (const lost of [...expertsOf(current).keys()]) {
      const workers = buildWorkers(4).filter(({ peerId }) => peerId !== lost);

      const next = placed({ model, workers, shape: 'island', spread: true, current });

      for (const [workerId, parts] of expertsOf(current)) {
        if (workerId !== lost) expect(expertsOf(next).get(workerId), workerId).to.include.members(parts);
      }
      if (lost !== trunk) expect(next.stages[0]?.workerId, lost).to.equal(trunk);
    }
  });

  it('behaviour: a lost stage of a chain goes to the worker that was free', () => {
    const model = buildModel();
    const current = placed({ model, workers: buildWorkers(2), shape: 'chain' });
    const workers = buildWorkers(3).filter(({ peerId }) => peerId !== current.stages[1]?.workerId);

    const next = placed({ model, workers, shape: 'chain', current });

    expect(next.stages[0]).to.deep.equal(current.stages[0]);
    expect(next.stages[1]?.workerId).to.equal(peerIdOf(2));
  });

  it('error CAPACITY_NO_WORKERS: none is usable', () => {
    expect(short({ model: buildModel(), workers: [] }).code).to.equal('CAPACITY_NO_WORKERS');
    const lost = short({ model: buildModel(), workers: [buildWorker(0, { state: 'lost', reason: 'gone' })] });
    expect(lost.code).to.equal('CAPACITY_NO_WORKERS');
    expect(lost.details.workers[0]?.unusable).to.equal('lost: gone');
  });

  it('error CAPACITY_NO_PLACEMENT: says what is short, by how much, per worker', () => {
    const workers = buildWorkers(2, { availableBytes: 10_000_000 });

    const { code, details, message } = short({ model: buildModel(), workers });

    expect(code).to.equal('CAPACITY_NO_PLACEMENT');
    const needed = details.total.neededBytes;
    expect(needed).to.be.greaterThan(37_000_000);
    expect(details.total.shortBytes).to.equal(needed - 20_000_000);
    expect(message).to.include(String(needed - 20_000_000));
    for (const worker of details.workers) {
      expect(worker).to.include({
        availableBytes: 10_000_000,
        shortBytes: needed - 10_000_000,
        resource: 'memory',
      });
    }
    expect(details.shapes.map(({ shape }) => shape)).to.deep.equal(['replica', 'chain', 'island']);
  });

  it('error CAPACITY_NO_PLACEMENT: one worker cannot spread, one group per layer cannot be spread', () => {
    const alone = short({ model: buildModel(), workers: buildWorkers(1), shape: 'island', spread: true });
    expect(alone.message).to.match(/an island needs 2 workers/);

    const whole = buildModel({ groupSize: 8 });
    const oneGroup = short({ model: whole, workers: buildWorkers(3), shape: 'island', spread: true });
    expect(oneGroup.message).to.match(/one expert group/);
    expect(short({ model: whole, workers: buildWorkers(3), spread: true }).code).to.equal(
      'CAPACITY_NO_PLACEMENT',
    );
  });
});

const arbitraryModel = fc
  .record({
    layers: fc.integer({ min: 1, max: 6 }),
    experts: fc.integer({ min: 2, max: 9 }),
    groupSize: fc.integer({ min: 1, max: 4 }),
    topK: fc.constant(2),
  })
  .map(buildModel);

const arbitraryWorkers = fc
  .array(
    fc.record({
      availableBytes: fc.integer({ min: 0, max: 60_000_000 }),
      readBytesPerSecond: fc.integer({ min: 1e9, max: 5e10 }),
      expertMs: fc.double({ min: 0.01, max: 3, noNaN: true }),
      threads: fc.integer({ min: 1, max: 8 }),
      rtt: fc.double({ min: 0.1, max: 50, noNaN: true }),
      state: fc.constantFrom('listed' as const, 'listed' as const, 'listed' as const, 'lost' as const),
    }),
    { minLength: 1, maxLength: 6 },
  )
  .map((all) =>
    all.map(({ rtt, ...facts }, index) =>
      buildWorker(index, {
        ...facts,
        rttMs: Object.fromEntries(all.map((_, other) => [peerIdOf(other), rtt])),
      }),
    ),
  );

const arbitraryInput = fc.record({
  model: arbitraryModel,
  workers: arbitraryWorkers,
  shape: fc.constantFrom(undefined, 'replica' as const, 'chain' as const, 'island' as const),
  spread: fc.boolean(),
});

/** What must hold of every placement whatever the input. */
function checkPlacement(model: ModelSummary, workers: readonly WorkerFacts[], placement: Placement): void {
  const table = tableOf(model);
  let next = 0;
  for (const { workerId, from, to, experts } of placement.stages) {
    expect(from, 'stages follow each other').to.equal(next);
    expect(to).to.be.greaterThan(from);
    next = to;
    const held = experts.flatMap(({ parts }) => parts);
    expect(held.toSorted(), `groups of ${workerId}`).to.deep.equal(expertParts(table, from, to).toSorted());
    expect(trunkParts(table, from, to)).to.include(`trunk.${String(from).padStart(3, '0')}`);
  }
  expect(next).to.equal(model.dims.layers);
  for (const [workerId, bytes] of reservedBytes(model, placement)) {
    const worker = workers.find(({ peerId }) => peerId === workerId);
    expect(worker?.state, workerId).to.equal('listed');
    expect(bytes, `memory of ${workerId}`).to.be.at.most(worker?.availableBytes ?? 0);
  }
}

describe('planPlacement, whatever it is given', () => {
  it('behaviour: every part has one place, no memory is exceeded, the wish is kept', () => {
    fc.assert(
      fc.property(arbitraryInput, (input) => {
        const outcome = planPlacement(input);
        if ('shortage' in outcome) return;
        checkPlacement(input.model, input.workers, outcome.placement);
        if (input.shape !== undefined) expect(outcome.placement.shape).to.equal(input.shape);
        if (!input.spread) return;
        for (const [workerId, parts] of expertsOf(outcome.placement)) {
          for (const groups of tableOf(input.model).groups) {
            expect(
              groups.every(({ id }) => parts.includes(id)),
              `${workerId} holds a whole layer`,
            ).to.equal(false);
          }
        }
      }),
      { numRuns: 300 },
    );
  });

  it('behaviour: the order of the workers changes nothing', () => {
    fc.assert(
      fc.property(arbitraryInput, fc.infiniteStream(fc.nat()), (input, keys) => {
        const order = new Map(input.workers.map((worker) => [worker, keys.next().value]));
        const shuffled = input.workers.toSorted((a, b) => (order.get(a) ?? 0) - (order.get(b) ?? 0));
        const [one, other] = [planPlacement(input), planPlacement({ ...input, workers: shuffled })];
        if ('placement' in one) expect(other).to.deep.equal(one);
        else expect('shortage' in other).to.equal(true);
      }),
      { numRuns: 200 },
    );
  });

  it('behaviour: a plan mended after a loss is as sound as a new one, and a second plan changes nothing', () => {
    fc.assert(
      fc.property(arbitraryInput, fc.nat(), (input, pick) => {
        const before = planPlacement(input);
        if ('shortage' in before) return;
        const again = planPlacement({ ...input, current: before.placement });
        expect('placement' in again && again.placement).to.equal(before.placement);
        const lost = input.workers[pick % input.workers.length]?.peerId;
        const workers = input.workers.map((worker) =>
          worker.peerId === lost ? { ...worker, state: 'lost' as const } : worker,
        );
        const after = planPlacement({ ...input, workers, current: before.placement });
        if ('placement' in after) checkPlacement(input.model, workers, after.placement);
      }),
      { numRuns: 300 },
    );
  });
});
