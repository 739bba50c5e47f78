import { expect } from 'chai';
import { createMemoryCache } from '../../src/cache/memory-cache.ts';
import { createManualClock } from '../support/manual-clock.ts';

describe('createMemoryCache', () => {
  it('behaviour: however many keys come, its memory has a bound, and the newest are kept', async () => {
    const cache = createMemoryCache(createManualClock());
    for (let index = 0; index < 250_000; index++) await cache.set(String(index), 'x', 60_000);

    expect(await cache.get('249999')).to.equal('x');
    expect(await cache.get('0')).to.equal(undefined);
  });

  it('behaviour: a bucket that is full again is forgotten, a busy one is not', async () => {
    const clock = createManualClock();
    const cache = createMemoryCache(clock);
    const rate = { capacity: 2, refillPerSecond: 1 };
    await cache.take('a', rate, 0);
    await cache.take('a', rate, 0);

    expect(await cache.take('a', rate, 999)).to.include({ allowed: false, retryAfterMs: 1 });
    expect(await cache.take('a', rate, 5_000)).to.include({ allowed: true, remaining: 1 });
  });
});
