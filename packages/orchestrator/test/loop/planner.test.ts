import { type Log, silentLog } from '@rios/sdk/log';
import { expect } from 'chai';
import { createPlacementLoop, type LoopModules, type PlacementLoop } from '../../src/loop/placement-loop.ts';
import { lastEvaluated, takeEvaluation } from '../../src/store/evaluations.ts';
import { acquireLease } from '../../src/store/leases.ts';
import type { Store } from '../../src/store/store.ts';
import { until } from '../p2p/until.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { openMemoryStore } from '../support/seed-store.ts';

const NOT_WRITTEN = 'a plan was not written: another orchestrator plans';

describe('who plans', () => {
  let store: Store;
  const loops: PlacementLoop[] = [];
  const lines: string[] = [];
  const log: Log = { ...silentLog, warn: (message) => void lines.push(message) };
  beforeEach(async () => {
    store = await openMemoryStore();
    lines.length = 0;
  });
  afterEach(async () => {
    for (const loop of loops.splice(0)) await loop.stop();
    await store.destroy();
  });

  /** A loop without workers; `before` runs before each look at them. */
  const createLoop = (self: string, before: LoopModules['refreshWorkers'] = async () => {}) => {
    const loop = createPlacementLoop({
      stakeOf: () => null,
      store,
      clock: createManualClock(),
      log,
      self,
      shared: false,
      tickets: { fetch: () => expect.fail('there is nothing to fetch') },
      readSummary: () => expect.fail('there is no model'),
      workers: () => [],
      refreshWorkers: before,
    });
    loops.push(loop);
    return loop;
  };
  /** The lease passes to somebody else, as if its holder had stood still for long. */
  const takeAway = async () => {
    await store.updateTable('leases').set({ ends_at: 1 }).execute();
    await acquireLease(store, 'planner', 'somebody else', 60_000);
  };

  it('behaviour: a plan made before the right to plan was lost is not written', async () => {
    let looks = 0;
    const { promise: mayGoOn, resolve: goOn } = Promise.withResolvers<void>();
    const loop = createLoop('a', async () => {
      if (looks++ > 0) await mayGoOn;
    });
    await loop.start();
    await until('the first was carried out', async () => (await lastEvaluated(store)) > 0);
    const before = await lastEvaluated(store);
    await loop.trigger('test');
    await until('it is under way', () => looks === 2);

    await takeAway();
    goOn();
    await until('it is given up', () => lines.includes(NOT_WRITTEN));

    expect(await lastEvaluated(store)).to.equal(before);
    expect(loop.planner.plans).to.equal(false);
  });

  it('behaviour: a plan is not written by one who lost the right and has it again: another planned meanwhile', async () => {
    let looks = 0;
    const { promise: mayGoOn, resolve: goOn } = Promise.withResolvers<void>();
    const loop = createLoop('a', async () => {
      if (looks++ === 0) await mayGoOn;
    });
    await loop.start();
    await until('it is under way', () => looks === 1);
    await takeAway();
    await loop.planner.perform(async () => {});
    await createLoop('somebody else').start();
    await until('another has carried it out', async () => (await lastEvaluated(store)) > 0);
    const done = await lastEvaluated(store);
    await loops[1]?.stop();

    await store.updateTable('leases').set({ holder: 'a', ends_at: 1 }).execute();
    goOn();
    await until('it is given up', () => lines.includes(NOT_WRITTEN));
    expect(await lastEvaluated(store)).to.be.at.least(done);
  });

  it('behaviour: what was under way at a crash is carried out by the next', async () => {
    const loop = createLoop('a');
    const id = await loop.trigger('test');
    await takeEvaluation(store, Number.MAX_SAFE_INTEGER);

    await createLoop('b').start();
    await until('it is carried out', async () => (await lastEvaluated(store)) > id);
    expect(await store.selectFrom('evaluations').select('state').execute()).to.deep.equal([]);
  });

  it('behaviour: an evaluation that fails is tried again, and counts for nobody who waits', async () => {
    let fails = 1;
    const loop = createLoop('a', async () => {
      if (fails-- > 0) throw new Error('the store is away');
    });
    await loop.start();
    await until('it is queued again', async () => {
      const [row] = await store.selectFrom('evaluations').selectAll().execute();
      return row?.state === 'queued' && row.attempts === 1;
    });
    expect(await lastEvaluated(store)).to.equal(0);

    await loop.trigger('test');
    await until('it is carried out', async () => (await lastEvaluated(store)) > 0);
  });
});
