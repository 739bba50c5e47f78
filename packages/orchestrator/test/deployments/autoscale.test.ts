import { AUTOSCALE_METRICS } from '@rios/sdk/schema/app';
import { expect } from 'chai';
import fc from 'fast-check';
import {
  type AutoscaleState,
  autoscale,
  DOWN_WINDOW_MS,
  firstScale,
  IDLE_LOAD,
  type Load,
  SLEEP_AFTER_MS,
  UP_COOLDOWN_MS,
} from '../../src/deployments/autoscale.ts';

const STEP_MS = 1_000;
const T0 = 1_700_000_000_000;

const bounds = fc
  .tuple(fc.integer({ min: 0, max: 8 }), fc.integer({ min: 0, max: 24 }))
  .map(([min, more]) => ({ min, max: min + more }));
const load: fc.Arbitrary<Load> = fc.record({
  inFlight: fc.integer({ min: 0, max: 1000 }),
  waiting: fc.integer({ min: 0, max: 1000 }),
  p95Ms: fc.double({ min: 0, max: 1e6, noNaN: true }),
  cpuPercent: fc.option(fc.double({ min: 0, max: 1000, noNaN: true })),
  healthy: fc.integer({ min: 0, max: 30 }),
});
const rule = fc.option(
  fc.record({
    metric: fc.constantFrom(...AUTOSCALE_METRICS),
    target: fc.double({ min: 0.01, max: 1000, noNaN: true }),
  }),
);

/** Requests that come in at a steady rate, as each metric shows them when so many replicas serve. */
const steady = (work: number, wanted: number): Load => ({
  inFlight: work,
  waiting: 0,
  p95Ms: (work * 100) / Math.max(1, wanted),
  cpuPercent: (work * 100) / Math.max(1, wanted),
  healthy: wanted,
});

describe('the autoscaler', () => {
  it('behaviour: whatever the load, never beyond the bounds', () => {
    fc.assert(
      fc.property(bounds, rule, fc.array(load, { minLength: 1, maxLength: 60 }), (limits, one, loads) => {
        let state = firstScale(limits);
        loads.forEach((now, index) => {
          state = autoscale(state, { rule: one, bounds: limits, load: now, now: T0 + index * STEP_MS });
          expect(state.wanted, `step ${index}`).to.be.within(limits.min, limits.max);
        });
      }),
    );
  });

  it('behaviour: under a step of the load it goes one way only, and comes to rest', () => {
    const metric = fc.constantFrom('concurrency' as const, 'cpu' as const, 'p95' as const);
    const work = fc.integer({ min: 1, max: 40 });
    fc.assert(
      fc.property(metric, work, work, fc.integer({ min: 1, max: 40 }), (name, before, after, start) => {
        const one = { metric: name, target: name === 'concurrency' ? 2 : 100 };
        const limits = { min: 1, max: 40 };
        let state: AutoscaleState = { ...firstScale(limits), wanted: start };
        let now = T0;
        const run = (amount: number, seconds: number) => {
          const seen: number[] = [];
          for (let second = 0; second < seconds; second++) {
            now += STEP_MS;
            state = autoscale(state, { rule: one, bounds: limits, load: steady(amount, state.wanted), now });
            seen.push(state.wanted);
          }
          return seen;
        };
        run(before, 90);
        const from = state.wanted;
        const path = [from, ...run(after, 90)];
        const ups = path.some((count, index) => index > 0 && count > (path[index - 1] ?? count));
        const downs = path.some((count, index) => index > 0 && count < (path[index - 1] ?? count));
        expect(ups && downs, `${path.join(' ')}`).to.equal(false);
        expect(new Set(path.slice(-30)).size, `rests: ${path.join(' ')}`).to.equal(1);
        const needed = Math.ceil(after / (name === 'concurrency' ? 2 : 1));
        expect(state.wanted).to.be.within(Math.floor(needed * 0.9), Math.ceil(needed * 1.12));
      }),
    );
  });

  it('behaviour: a load that comes and goes faster than the window does not make it flap', () => {
    const limits = { min: 1, max: 10 };
    let state = firstScale(limits);
    const seen = new Set<number>();
    for (let second = 0; second < 300; second++) {
      const busy = second % 10 < 5;
      const now = T0 + second * STEP_MS;
      const rule = { metric: 'concurrency', target: 1 } as const;
      state = autoscale(state, { rule, bounds: limits, load: steady(busy ? 6 : 1, state.wanted), now });
      if (second > 20) seen.add(state.wanted);
    }
    expect([...seen]).to.deep.equal([6]);
  });

  it('option: without a rule it only sleeps and wakes', () => {
    const limits = { min: 0, max: 3 };
    const one = { rule: null, bounds: limits };
    let state = autoscale(firstScale(limits), { ...one, load: IDLE_LOAD, now: T0 });
    expect(state.wanted, 'it begins awake').to.equal(1);
    state = autoscale(state, { ...one, load: IDLE_LOAD, now: T0 + SLEEP_AFTER_MS - 1 });
    expect(state.wanted).to.equal(1);
    state = autoscale(state, { ...one, load: IDLE_LOAD, now: T0 + SLEEP_AFTER_MS });
    expect(state.wanted).to.equal(0);
    const asked = { ...IDLE_LOAD, waiting: 1 };
    expect(autoscale(state, { ...one, load: asked, now: T0 + SLEEP_AFTER_MS + 1 }).wanted).to.equal(1);
  });

  it('behaviour: up needs a pause between steps, down a whole window', () => {
    const limits = { min: 1, max: 10 };
    const one = { rule: { metric: 'concurrency', target: 1 } as const, bounds: limits };
    const at = (state: AutoscaleState, inFlight: number, now: number) =>
      autoscale(state, { ...one, load: { ...IDLE_LOAD, inFlight, healthy: state.wanted }, now });
    let state = at(firstScale(limits), 3, T0);
    expect(state.wanted).to.equal(3);
    expect(at(state, 9, T0 + UP_COOLDOWN_MS - 1).wanted).to.equal(3);
    expect(at(state, 9, T0 + UP_COOLDOWN_MS).wanted).to.equal(9);
    state = at(state, 1, T0 + 5_000);
    expect(at(state, 1, T0 + 5_000 + DOWN_WINDOW_MS - 1).wanted).to.equal(3);
    expect(at(state, 1, T0 + 5_000 + DOWN_WINDOW_MS).wanted).to.equal(1);
  });
});
