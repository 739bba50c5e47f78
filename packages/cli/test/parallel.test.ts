import { setImmediate } from 'node:timers/promises';
import { expect } from 'chai';
import { inParallel } from '../src/parallel.ts';

const never = new AbortController().signal;

describe('parallel', () => {
  it('default', async () => {
    const done: number[] = [];
    await inParallel([1, 2, 3, 4, 5], 2, never, async (item) => {
      await setImmediate();
      done.push(item);
    });

    expect(done.sort()).to.deep.equal([1, 2, 3, 4, 5]);
  });

  it('behaviour: never more than the width at once', async () => {
    let running = 0;
    let most = 0;
    await inParallel(Array(50).keys(), 4, never, async () => {
      most = Math.max(most, ++running);
      await setImmediate();
      running--;
    });

    expect(most).to.equal(4);
  });

  it('behaviour: the first failure stops the others and is thrown when they have ended', async () => {
    let ended = 0;
    const error = await inParallel([0, 1, 2, 3, 4, 5], 2, never, async (item, signal) => {
      if (item === 1) throw new Error('first');
      await setImmediate();
      ended++;
      signal.throwIfAborted();
    }).catch((thrown: Error) => thrown);

    expect(error).to.be.instanceOf(Error).with.property('message', 'first');
    expect(ended).to.equal(1);
  });

  it('behaviour: an aborted signal starts nothing', async () => {
    let calls = 0;
    const error = await inParallel([1, 2], 2, AbortSignal.abort(new Error('stop')), async () => {
      calls++;
    }).catch((thrown: Error) => thrown);

    expect(error).to.have.property('message', 'stop');
    expect(calls).to.equal(0);
  });
});
