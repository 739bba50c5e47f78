import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  GRACE_MS,
  KEEP_MS,
  MAX_STEP_MS,
  mayGoOn,
  openStanding,
  type Standing,
  type StandingNotice,
  stepStanding,
} from '../../src/billing/balance-standing.ts';

const NOW = Date.UTC(2026, 10, 23, 12);
const DAY_MS = 86_400_000;

interface Watched {
  readonly standing: Standing;
  readonly notices: readonly StandingNotice[];
}

const funded = (balanceWei = 100n, now = NOW): Standing =>
  stepStanding(openStanding(now), balanceWei, now).standing;

/** Looks at an empty balance every MAX_STEP_MS, for at least so long. */
function watchEmpty(from: Standing, forMs: number): Watched {
  let standing = from;
  const notices: StandingNotice[] = [];
  for (let passed = 0; passed < forMs; passed += MAX_STEP_MS) {
    const step = stepStanding(standing, 0n, standing.seenAt + MAX_STEP_MS);
    standing = step.standing;
    notices.push(...step.notices);
  }
  return { standing, notices };
}

describe('standing of a balance', () => {
  it('default: zero gives an hour of grace, then the pause, seven days of data, then nothing', () => {
    const empty = stepStanding(funded(), 0n, NOW);
    const almost = watchEmpty(empty.standing, GRACE_MS - MAX_STEP_MS);
    const paused = watchEmpty(almost.standing, MAX_STEP_MS);
    const kept = watchEmpty(paused.standing, KEEP_MS - MAX_STEP_MS);
    const over = watchEmpty(kept.standing, MAX_STEP_MS);

    assert.deepEqual(empty.notices, [{ kind: 'grace', leftMs: GRACE_MS }]);
    assert.deepEqual([almost.standing.kind, almost.notices], ['grace', []]);
    assert.deepEqual(paused.notices, [{ kind: 'paused', leftMs: KEEP_MS }]);
    assert.equal(kept.standing.kind, 'paused');
    assert.deepEqual(kept.notices, [
      { kind: 'reminder', daysLeft: 3 },
      { kind: 'reminder', daysLeft: 1 },
    ]);
    assert.deepEqual([over.standing.kind, over.notices], ['unfunded', [{ kind: 'data_due' }]]);
    assert.deepEqual(watchEmpty(over.standing, DAY_MS).notices, []);
  });

  it('behaviour: all goes on with money and in the grace, and stops at the pause', () => {
    const grace = stepStanding(funded(), 0n, NOW).standing;
    const paused = watchEmpty(grace, GRACE_MS).standing;

    assert.deepEqual([funded(), grace, paused, openStanding(NOW)].map(mayGoOn), [true, true, false, false]);
  });

  it('behaviour: warns at 20, 10 and 5 % of what it was filled up to, each once; of several the lowest', () => {
    let standing = funded(1_000n);
    const told = [201n, 200n, 199n, 101n, 100n, 51n, 50n, 1n].map((balance) => {
      const step = stepStanding(standing, balance, NOW);
      standing = step.standing;
      return step.notices.map((notice) => (notice.kind === 'low' ? notice.percent : notice.kind));
    });

    assert.deepEqual(told, [[], [20], [], [], [10], [], [5], []]);
    assert.deepEqual(stepStanding(funded(1_000n), 30n, NOW).notices, [
      { kind: 'low', percent: 5, balanceWei: 30n },
    ]);
  });

  it('behaviour: after a deposit, percents are of the new balance and warnings come anew', () => {
    const low = stepStanding(funded(1_000n), 100n, NOW).standing;
    const filled = stepStanding(low, 500n, NOW);

    assert.deepEqual(filled.notices, []);
    assert.deepEqual(stepStanding(filled.standing, 101n, NOW).notices, []);
    assert.deepEqual(stepStanding(filled.standing, 100n, NOW).notices, [
      { kind: 'low', percent: 20, balanceWei: 100n },
    ]);
  });

  it('behaviour: a deposit in the grace or the pause brings everything back, and the next grace is whole', () => {
    const grace = watchEmpty(stepStanding(funded(), 0n, NOW).standing, GRACE_MS / 2).standing;
    const paused = watchEmpty(grace, GRACE_MS).standing;

    for (const standing of [grace, paused]) {
      const back = stepStanding(standing, 10n, standing.seenAt + 1);
      const again = stepStanding(back.standing, 0n, standing.seenAt + 2);
      assert.deepEqual(back.notices, [{ kind: 'restored', balanceWei: 10n }], standing.kind);
      assert.deepEqual(again.notices, [{ kind: 'grace', leftMs: GRACE_MS }], standing.kind);
    }
  });

  it('behaviour: an account that never had money is told nothing', () => {
    assert.deepEqual(watchEmpty(openStanding(NOW), KEEP_MS).notices, []);
  });

  it('behaviour: a clock that jumps ahead by a year takes one step of time, and no data', () => {
    const grace = stepStanding(funded(), 0n, NOW).standing;
    const jumped = stepStanding(grace, 0n, NOW + 365 * DAY_MS);
    const paused = watchEmpty(grace, GRACE_MS).standing;
    const later = stepStanding(paused, 0n, paused.seenAt + 365 * DAY_MS);

    assert.deepEqual(jumped.standing, {
      kind: 'grace',
      leftMs: GRACE_MS - MAX_STEP_MS,
      seenAt: NOW + 365 * DAY_MS,
      balanceWei: 0n,
    });
    assert.deepEqual([later.standing.kind, later.notices], ['paused', []]);
  });

  it('behaviour: a clock that is set back takes no time, and counting goes on from there', () => {
    const grace = stepStanding(funded(), 0n, NOW).standing;
    const back = stepStanding(grace, 0n, NOW - DAY_MS).standing;
    const on = stepStanding(back, 0n, NOW - DAY_MS + 60_000).standing;

    assert.deepEqual(
      [back, on].map((standing) => standing.kind === 'grace' && standing.leftMs),
      [GRACE_MS, GRACE_MS - 60_000],
    );
  });

  it('behaviour: however often and at whatever times it is looked at, grace and keeping are never cut short', () => {
    const gaps = fc.array(fc.integer({ min: -DAY_MS, max: DAY_MS }), { minLength: 1, maxLength: 200 });
    fc.assert(
      fc.property(gaps, (moves) => {
        let standing = stepStanding(funded(), 0n, NOW).standing;
        let passedMs = 0;
        for (const move of moves) {
          const step = stepStanding(standing, 0n, standing.seenAt + move);
          standing = step.standing;
          passedMs += Math.max(move, 0);

          if (step.notices.some(({ kind }) => kind === 'paused')) assert.ok(passedMs >= GRACE_MS);
          if (standing.kind === 'unfunded') assert.ok(passedMs >= GRACE_MS + KEEP_MS);
        }
      }),
    );
  });
});
