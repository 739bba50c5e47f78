import { expect } from 'chai';
import { evaluate } from '../../src/loop/evaluate.ts';
import type { DesiredModel, EvaluationPlan, ModelOutcome, ObservedWorker } from '../../src/loop/observed.ts';
import { buildModel } from '../dmoe/builders.ts';
import { peerIdOf } from '../support/seed-store.ts';
import { buildDesired, buildObserved, buildOffer, readyParts, situation } from './builders.ts';

const outcomeOf = (plan: EvaluationPlan, name = 'tiny-moe'): ModelOutcome => {
  const found = plan.models.find((model) => model.name === name);
  if (found === undefined) throw new Error(`no outcome for ${name}`);
  return found;
};

const next = (model: DesiredModel, { state, reason, placement }: ModelOutcome): DesiredModel => ({
  ...model,
  state,
  reason,
  placement,
});

/** Workers that hold what the plan assigned. */
const obey = (plan: EvaluationPlan, workers: readonly ObservedWorker[]): ObservedWorker[] =>
  workers.map((worker) => ({
    ...worker,
    parts: (plan.assignments.get(worker.peerId) ?? []).flatMap(({ modelHash, parts }) =>
      readyParts(modelHash, parts),
    ),
  }));

/** A model that is ready on workers 0 to 2, spread. */
function readyIsland() {
  const workers = [0, 1, 2].map((index) => buildObserved(index));
  const model = buildDesired({ shape: 'island', spread: true });
  const planned = evaluate(situation([model], workers));
  const placing = next(model, outcomeOf(planned));
  const loaded = obey(planned, workers);
  const done = evaluate(situation([placing], loaded));
  return { model: next(placing, outcomeOf(done)), workers: loaded, planned, done };
}

describe('evaluate', () => {
  it('behaviour: a model that asks for stake moves off a worker that lost it, and back to none when nobody has it', () => {
    const model = buildDesired({ shape: 'replica', minStakeWei: 5n });
    const workers = [0, 1].map((index) => buildObserved(index, { stakeWei: index === 0 ? 5n : 4n }));
    const placed = outcomeOf(evaluate(situation([model], workers)));
    const slashed = [0, 1].map((index) => buildObserved(index, { stakeWei: index === 0 ? 4n : 5n }));
    const moved = outcomeOf(evaluate(situation([next(model, placed)], slashed)));
    const none = evaluate(
      situation(
        [next(model, moved)],
        workers.map((worker) => ({ ...worker, stakeWei: null })),
      ),
    );

    expect(placed.placement?.stages[0]?.workerId).to.equal(peerIdOf(0));
    expect(moved.placement?.stages[0]?.workerId).to.equal(peerIdOf(1));
    expect(outcomeOf(none)).to.include({ state: 'failed', placement: null });
    expect([...none.assignments.values()].flat()).to.deep.equal([]);
  });

  it('default: a wanted model is placed, assigned, and ready once all its parts are', () => {
    const { planned, done } = readyIsland();

    expect(outcomeOf(planned).state).to.equal('placing');
    expect([...planned.assignments.keys()]).to.have.length(3);
    for (const [workerId, models] of planned.assignments) {
      expect(models[0]?.parts.length, workerId).to.be.greaterThan(3);
    }
    expect(planned.events.map(({ kind }) => kind)).to.deep.equal(['model.placing']);
    expect(outcomeOf(done).state).to.equal('ready');
    expect(done.events.map(({ kind }) => kind)).to.deep.equal(['model.placed']);
    expect(done.events[0]?.message).to.include('worker-2');
  });

  it('behaviour: evaluating again changes nothing', () => {
    const { model, workers, done } = readyIsland();

    const again = evaluate(situation([model], workers));

    expect(again.events).to.deep.equal([]);
    expect(outcomeOf(again).changed).to.equal(false);
    const bare = ({ assignments }: EvaluationPlan) =>
      [...assignments].map(([id, held]) => [id, held.map(({ parts }) => parts)]);
    expect(bare(again)).to.deep.equal(bare(done));
  });

  it('behaviour: one part that is not ready keeps the model from being ready', () => {
    const { model, workers } = readyIsland();
    const short = workers.map((worker, index) =>
      index === 1 ? { ...worker, parts: worker.parts.slice(1) } : worker,
    );

    expect(outcomeOf(evaluate(situation([model], short))).state).to.equal('placing');
  });

  it('behaviour: a report about an older assignment counts for nothing', () => {
    const { model, workers } = readyIsland();
    const stale = workers.map((worker) => ({ ...worker, upToDate: false }));

    expect(outcomeOf(evaluate(situation([model], stale))).state).to.equal('placing');
  });

  it('behaviour: after a loss only the lost parts move, and the event says whose loss it was', () => {
    const { model, workers } = readyIsland();
    const lost = workers.map((worker, index) =>
      index === 2
        ? { ...worker, state: 'lost' as const, reason: 'the connection is gone', parts: [] }
        : worker,
    );

    const plan = evaluate(situation([model], lost));

    expect(outcomeOf(plan).state).to.equal('placing');
    const [event] = plan.events;
    expect(event?.kind).to.equal('model.replaced');
    expect(event?.message).to.include('worker-2 (lost: the connection is gone)');
    for (const worker of workers.slice(0, 2)) {
      const kept = worker.parts.map(({ partId }) => partId);
      expect(plan.assignments.get(worker.peerId)?.[0]?.parts, worker.peerId).to.include.members(kept);
    }
    expect(plan.assignments.has(peerIdOf(2))).to.equal(false);
  });

  it('behaviour: a draining worker is told to hold nothing', () => {
    const { model, workers } = readyIsland();
    const draining = workers.map((worker, index) =>
      index === 1 ? { ...worker, state: 'draining' as const, reason: 'asked to' } : worker,
    );

    const plan = evaluate(situation([model], draining));

    expect(plan.assignments.get(peerIdOf(1))).to.deep.equal([]);
    expect(outcomeOf(plan).state).to.equal('placing');
  });

  it('behaviour: parts wait for a worker that is coming back', () => {
    const { model, workers } = readyIsland();
    const back = workers.map((worker, index) =>
      index === 1 ? { ...worker, state: 'joining' as const, parts: [] } : worker,
    );

    const plan = evaluate(situation([model], back));

    expect(outcomeOf(plan).placement).to.equal(model.placement);
    expect(outcomeOf(plan).reason).to.equal('waiting for worker-1 to join');
  });

  it('behaviour: a part that failed goes elsewhere, and back to its place only when nothing else fits', () => {
    const workers = [buildObserved(0), buildObserved(1, { offer: buildOffer('slow', { expertMs: 9 }) })];
    const model = buildDesired();
    const placed = next(model, outcomeOf(evaluate(situation([model], workers))));
    const { modelHash } = model.summary;
    const failed = { modelHash, partId: 'trunk.001', state: 'failed' as const, error: 'the disk is full' };
    const broken = workers.map((worker, index) => (index === 0 ? { ...worker, parts: [failed] } : worker));

    const moved = evaluate(situation([placed], broken));
    const stuck = evaluate(situation([placed], broken.slice(0, 1)));

    expect(outcomeOf(moved).placement?.stages[0]?.workerId).to.equal(peerIdOf(1));
    expect(moved.exclusions[0]?.reason).to.include('the disk is full');
    expect(outcomeOf(stuck).state).to.equal('failed');
    expect(outcomeOf(stuck).placement).to.equal(placed.placement);
    expect(outcomeOf(stuck).reason).to.include('trunk.001 failed there: the disk is full');
    expect(stuck.assignments.get(peerIdOf(0))?.[0]?.parts).to.include('trunk.001');
  });

  it('behaviour: a worker that got over a failure is used again', () => {
    const workers = [buildObserved(0)];
    const model = buildDesired();
    const planned = evaluate(situation([model], workers));
    const placed = next(model, outcomeOf(planned));
    const exclusion = { modelHash: model.summary.modelHash, workerId: peerIdOf(0), reason: 'it failed' };

    const plan = evaluate(situation([placed], obey(planned, workers), [exclusion]));

    expect(outcomeOf(plan).state).to.equal('ready');
  });

  it('behaviour: two models share the memory of a worker', () => {
    const offer = buildOffer('small', { memoryBytes: 60_000_000 });
    const workers = [buildObserved(0, { offer }), buildObserved(1, { offer: { ...offer, expertMs: 9 } })];
    const other = { ...buildModel(), name: 'other', modelHash: 'b'.repeat(64) };
    const models = [buildDesired(), buildDesired({ summary: other, createdAt: 2 })];

    const plan = evaluate(situation(models, workers));

    const holders = plan.models.map(({ placement }) => placement?.stages[0]?.workerId);
    expect(new Set(holders).size).to.equal(2);
  });

  it('behaviour: an unwanted model is taken off, and said so', () => {
    const { model, workers } = readyIsland();

    const plan = evaluate(situation([{ ...model, wanted: false }], workers));

    expect(outcomeOf(plan)).to.include({ state: 'stored', placement: null });
    expect([...plan.assignments.values()]).to.deep.equal([[], [], []]);
    expect(plan.events[0]?.kind).to.equal('model.unloaded');
  });

  it('behaviour: sources are the members that have parts ready, never the worker itself', () => {
    const { model, workers } = readyIsland();

    const plan = evaluate(situation([model], [...workers, buildObserved(3)]));

    for (const [workerId, [assigned]] of plan.assignments) {
      if (assigned === undefined) continue;
      expect(assigned.sources, workerId).to.have.length(2).and.not.include(workerId);
    }
  });

  it('error CAPACITY_NO_PLACEMENT: the model fails with the shortage; with no worker CAPACITY_NO_WORKERS', () => {
    const offer = buildOffer('tiny', { memoryBytes: 1_000_000 });

    const short = outcomeOf(evaluate(situation([buildDesired()], [buildObserved(0, { offer })])));
    const none = outcomeOf(evaluate(situation([buildDesired()], [])));

    expect(short).to.include({ state: 'failed', placement: null });
    expect(short.shortage?.code).to.equal('CAPACITY_NO_PLACEMENT');
    expect(short.shortage?.details.workers[0]?.shortBytes).to.be.greaterThan(30_000_000);
    expect(none.shortage?.code).to.equal('CAPACITY_NO_WORKERS');
  });
});
