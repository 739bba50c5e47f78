import assert from 'node:assert/strict';
import fc from 'fast-check';
import { openWindow, reachedPercent, windowAt } from '../../src/billing/budget-window.ts';
import {
  type BudgetLimits,
  type BudgetState,
  captureBudget,
  openBudget,
  reserveBudget,
} from '../../src/billing/budgets.ts';

const NOON = Date.UTC(2026, 10, 23, 12);
const DAY_MS = 86_400_000;

/** Reserves and captures in one go. */
function spend(state: BudgetState, limits: BudgetLimits, amountWei: bigint, now = NOON) {
  const reserved = reserveBudget(state, limits, amountWei, now);
  return captureBudget(reserved, limits, { reservedWei: amountWei, spentWei: amountWei }, now);
}

describe('budget', () => {
  it('default: takes what fits; what a request did not cost is free again', () => {
    const limits = { request: 60n, day: 100n, month: 1_000n };
    const reserved = reserveBudget(openBudget(NOON), limits, 60n, NOON);
    const { state } = captureBudget(reserved, limits, { reservedWei: 60n, spentWei: 45n }, NOON);

    assert.equal(state.reservedWei, 0n);
    assert.equal(state.day.spentWei, 45n);
    assert.equal(state.month.spentWei, 45n);
    assert.equal(reserveBudget(state, limits, 55n, NOON).reservedWei, 55n);
  });

  it('behaviour: a release costs nothing', () => {
    const reserved = reserveBudget(openBudget(NOON), { day: 10n }, 10n, NOON);
    const { state, alerts } = captureBudget(reserved, { day: 10n }, { reservedWei: 10n, spentWei: 0n }, NOON);

    assert.deepEqual([state, alerts], [openBudget(NOON), []]);
  });

  it('behaviour: without limits anything goes', () => {
    assert.equal(reserveBudget(openBudget(NOON), {}, 10n ** 30n, NOON).reservedWei, 10n ** 30n);
  });

  it('error QUOTA_BUDGET: one request that is too dear', () => {
    assert.throws(() => reserveBudget(openBudget(NOON), { request: 10n }, 11n, NOON), {
      code: 'QUOTA_BUDGET',
      details: { period: 'request', missingWei: '1', limitWei: '10' },
    });
  });

  it('error QUOTA_BUDGET: the day or the month is used up; details say until when', () => {
    const spent = spend(openBudget(NOON), {}, 95n).state;

    assert.throws(() => reserveBudget(spent, { day: 100n }, 6n, NOON), {
      code: 'QUOTA_BUDGET',
      details: { period: 'day', missingWei: '1', limitWei: '100', resetsAt: Date.UTC(2026, 10, 24) },
    });
    assert.throws(() => reserveBudget(spent, { day: 999n, month: 100n }, 6n, NOON), {
      code: 'QUOTA_BUDGET',
      details: { period: 'month', missingWei: '1', limitWei: '100', resetsAt: Date.UTC(2026, 11, 1) },
    });
  });

  it('error QUOTA_BUDGET: requests at one time, each of which would fit, can not overrun it together', () => {
    const limits = { day: 100n };
    const first = reserveBudget(openBudget(NOON), limits, 60n, NOON);

    assert.throws(() => reserveBudget(first, limits, 60n, NOON), { code: 'QUOTA_BUDGET' });
    assert.equal(reserveBudget(first, limits, 40n, NOON).reservedWei, 100n);
  });

  it('behaviour: a limit of 0 refuses all that costs anything, and alerts nobody', () => {
    assert.throws(() => reserveBudget(openBudget(NOON), { day: 0n }, 1n, NOON), { code: 'QUOTA_BUDGET' });
    assert.deepEqual(spend(openBudget(NOON), { day: 0n }, 0n).alerts, []);
  });

  it('behaviour: at midnight UTC a new day begins, the month goes on', () => {
    const spent = spend(openBudget(NOON), {}, 100n).state;
    const next = spend(spent, { day: 100n, month: 200n }, 100n, NOON + DAY_MS / 2).state;

    assert.equal(next.day.spentWei, 100n);
    assert.equal(next.month.spentWei, 200n);
  });

  it('behaviour: what is reserved over midnight counts in the new day too', () => {
    const reserved = reserveBudget(openBudget(NOON), { day: 100n }, 80n, NOON);

    assert.throws(() => reserveBudget(reserved, { day: 100n }, 21n, NOON + DAY_MS), { code: 'QUOTA_BUDGET' });
  });

  it('behaviour: a clock that is set back brings no budget back', () => {
    const spent = spend(openBudget(NOON), { day: 100n }, 100n).state;

    for (const backMs of [1, DAY_MS, 40 * DAY_MS])
      assert.throws(() => reserveBudget(spent, { day: 100n }, 1n, NOON - backMs), { code: 'QUOTA_BUDGET' });
  });

  it('behaviour: alerts at 50, 75 and 90 %, each once; of several at once the highest', () => {
    const limits = { day: 100n };
    let state = openBudget(NOON);
    const percents = [49n, 1n, 1n, 24n, 14n, 1n, 10n].map((amount) => {
      const next = spend(state, limits, amount);
      state = next.state;
      return next.alerts.map(({ percent }) => percent);
    });

    assert.deepEqual(percents, [[], [50], [], [75], [], [90], []]);
    assert.deepEqual(spend(openBudget(NOON), limits, 95n).alerts, [
      { period: 'day', percent: 90, spentWei: 95n, limitWei: 100n },
    ]);
  });

  it('behaviour: alerts come for each period, and again in the next day', () => {
    const limits = { day: 100n, month: 160n };
    const today = spend(openBudget(NOON), limits, 80n);
    const tomorrow = spend(today.state, limits, 60n, NOON + DAY_MS);

    const told = ({ alerts }: ReturnType<typeof spend>) =>
      alerts.map(({ period, percent }) => [period, percent]);
    assert.deepEqual(told(today), [
      ['day', 75],
      ['month', 50],
    ]);
    assert.deepEqual(told(tomorrow), [
      ['day', 50],
      ['month', 75],
    ]);
  });

  it('behaviour: after the limit was raised, alerts come anew', () => {
    const { state } = spend(openBudget(NOON), { day: 100n }, 95n);
    const raised = spend(state, { day: 1_000n }, 5n);
    const later = spend(raised.state, { day: 1_000n }, 400n);

    assert.deepEqual(raised.alerts, []);
    assert.deepEqual(
      later.alerts.map(({ percent }) => percent),
      [50],
    );
  });

  it('error BUG_UNEXPECTED: negative amounts, more spent than reserved, more freed than is reserved', () => {
    const reserved = reserveBudget(openBudget(NOON), {}, 10n, NOON);

    assert.throws(() => reserveBudget(reserved, {}, -1n, NOON), { code: 'BUG_UNEXPECTED' });
    for (const outcome of [
      { reservedWei: 10n, spentWei: 11n },
      { reservedWei: 11n, spentWei: 0n },
      { reservedWei: 10n, spentWei: -1n },
    ])
      assert.throws(() => captureBudget(reserved, {}, outcome, NOON), { code: 'BUG_UNEXPECTED' });
  });

  it('behaviour: in no order of requests, ends and clock jumps is more spent in a day than its limit', () => {
    const steps = fc.array(
      fc.record({
        amountWei: fc.bigInt(0n, 80n),
        part: fc.bigInt(0n, 100n),
        end: fc.boolean(),
        moveMs: fc.integer({ min: -DAY_MS, max: DAY_MS }),
      }),
      { maxLength: 60 },
    );
    fc.assert(
      fc.property(steps, fc.bigInt(0n, 200n), (moves, day) => {
        let state = openBudget(NOON);
        let now = NOON;
        const open: bigint[] = [];
        for (const { amountWei, part, end, moveMs } of moves) {
          now += moveMs;
          const ending = end ? open.shift() : undefined;
          if (ending !== undefined) {
            const outcome = { reservedWei: ending, spentWei: (ending * part) / 100n };
            state = captureBudget(state, { day }, outcome, now).state;
          }
          try {
            state = reserveBudget(state, { day }, amountWei, now);
            open.push(amountWei);
          } catch (error) {
            assert.equal((error as { code?: string }).code, 'QUOTA_BUDGET');
          }

          assert.ok(state.day.spentWei + state.reservedWei <= day);
          assert.equal(
            state.reservedWei,
            open.reduce((sum, wei) => sum + wei, 0n),
          );
        }
      }),
    );
  });
});

describe('budget window', () => {
  it('default: days and months are those of UTC, also in leap years and over New Year', () => {
    assert.deepEqual(openWindow('day', Date.UTC(2028, 1, 28, 23, 59)).endsAt, Date.UTC(2028, 1, 29));
    assert.deepEqual(openWindow('month', Date.UTC(2028, 1, 29)).endsAt, Date.UTC(2028, 2, 1));
    assert.deepEqual(openWindow('month', Date.UTC(2026, 11, 31)).endsAt, Date.UTC(2027, 0, 1));
  });

  it('behaviour: a window is left at its end, not before, and never to an earlier one', () => {
    const window = { ...openWindow('day', NOON), spentWei: 7n };

    assert.equal(windowAt(window, 'day', window.endsAt - 1), window);
    assert.equal(windowAt(window, 'day', 0), window);
    assert.equal(windowAt(window, 'day', window.endsAt).spentWei, 0n);
  });

  it('behaviour: a percent is reached by what is spent exactly', () => {
    assert.deepEqual(
      [49n, 50n, 74n, 75n, 89n, 90n, 500n].map((wei) => reachedPercent(wei, 100n)),
      [0, 50, 50, 75, 75, 90, 90],
    );
    assert.equal(reachedPercent(1n, 3n), 0);
    assert.equal(reachedPercent(2n, 3n), 50);
  });
});
