import { expect } from 'chai';
import { repeat } from '../../src/services/repeat.ts';
import { createManualClock } from '../support/manual-clock.ts';

const unexpected = (error: unknown) => {
  throw error;
};
const settle = () => new Promise(setImmediate);

describe('repeat', () => {
  it('default: again and again, counted from the end of the last time, until stopped', async () => {
    const clock = createManualClock();
    let times = 0;
    const stop = repeat(clock, 100, async () => void times++, unexpected);
    clock.advance(99);
    expect(times).to.equal(0);
    for (let round = 1; round <= 3; round++) {
      clock.advance(100);
      await settle();
      expect(times).to.equal(round);
    }

    await stop();
    clock.advance(1000);
    expect(times).to.equal(3);
  });

  it('behaviour: a failure is told, and the next time comes', async () => {
    const clock = createManualClock();
    const errors: unknown[] = [];
    const work = () => Promise.reject(new Error('no'));
    const stop = repeat(clock, 100, work, (error) => errors.push(error));
    for (let round = 0; round < 2; round++) {
      clock.advance(100);
      await settle();
    }

    expect(errors).to.have.length(2);
    await stop();
  });

  it('behaviour: stopping waits for the work under way', async () => {
    const clock = createManualClock();
    let finish = () => {};
    const work = () => new Promise<void>((resolve) => (finish = resolve));
    const stop = repeat(clock, 100, work, unexpected);
    clock.advance(100);
    let stopped = false;
    const stopping = stop().then(() => {
      stopped = true;
    });
    await settle();
    expect(stopped).to.equal(false);

    finish();
    await stopping;
  });
});
