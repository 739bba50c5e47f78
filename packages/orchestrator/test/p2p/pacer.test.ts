import { expect } from 'chai';
import { createPacer } from '../../src/p2p/pacer.ts';
import { expectError } from '../support/expect-error.ts';
import { createManualClock } from '../support/manual-clock.ts';

const PACE = { burst: 3, intervalMs: 100, maxWaiting: 2 };

describe('createPacer', () => {
  it('default: a burst goes at once, the rest at the pace', async () => {
    const clock = createManualClock();
    const pacer = createPacer(PACE, clock);
    for (let i = 0; i < PACE.burst; i++) await pacer.turn('a');
    const gone: string[] = [];
    const waits = ['first', 'second'].map((name) => pacer.turn('a').then(() => gone.push(name)));

    clock.advance(100);
    await waits[0];
    expect(gone).to.deep.equal(['first']);

    clock.advance(100);
    await waits[1];
    expect(gone).to.deep.equal(['first', 'second']);
  });

  it('behaviour: other keys do not wait; who was silent has its burst again', async () => {
    const clock = createManualClock();
    const pacer = createPacer(PACE, clock);
    for (let i = 0; i < PACE.burst; i++) await pacer.turn('a');

    await pacer.turn('b');
    clock.advance(300);
    for (let i = 0; i < PACE.burst; i++) await pacer.turn('a');
  });

  it('error QUOTA_RATE: too many wait', async () => {
    const clock = createManualClock();
    const pacer = createPacer(PACE, clock);
    for (let i = 0; i < PACE.burst; i++) await pacer.turn('a');
    const waits = Array.from({ length: PACE.maxWaiting }, () => pacer.turn('a'));

    await expectError(pacer.turn('a'), 'QUOTA_RATE');

    clock.advance(1_000);
    await Promise.all(waits);
    await pacer.turn('a');
  });
});
