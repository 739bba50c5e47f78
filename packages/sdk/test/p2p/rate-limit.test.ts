import assert from 'node:assert/strict';
import { createRateLimiter, networkOf } from '../../src/p2p/rate-limit.ts';
import { createFakeClock } from '../wire/fake-clock.ts';

describe('rate limit', () => {
  it('default: a burst, then so many a second, each key for itself', () => {
    const clock = createFakeClock();
    const limiter = createRateLimiter({ burst: 3, perSecond: 2 }, clock);
    const ask = (times: number) =>
      Array.from({ length: times }, () => limiter.allow('a')).filter(Boolean).length;

    assert.equal(ask(5), 3);
    assert.equal(limiter.allow('b'), true);
    clock.advance(1_000);
    assert.equal(ask(5), 2);
    clock.advance(60_000);
    assert.equal(ask(5), 3);
  });

  it('behaviour: refused attempts do not push the next chance away', () => {
    const clock = createFakeClock();
    const limiter = createRateLimiter({ burst: 1, perSecond: 1 }, clock);
    limiter.allow('a');
    for (let i = 0; i < 10; i++) {
      clock.advance(99);
      assert.equal(limiter.allow('a'), false, `after ${i}`);
    }
    clock.advance(20);
    assert.equal(limiter.allow('a'), true);
  });

  it('behaviour: it remembers a bounded number of keys', () => {
    const limiter = createRateLimiter({ burst: 1, perSecond: 0 }, createFakeClock(), 2);
    for (const key of ['a', 'b', 'c']) assert.equal(limiter.allow(key), true, key);
    assert.equal(limiter.allow('c'), false);
    assert.equal(limiter.allow('a'), true, 'the longest unused was forgotten');
  });

  it('behaviour: one IPv6 owner is one key', () => {
    assert.equal(networkOf('2001:db8:1:2:3:4:5:6'), '2001:db8:1:2');
    assert.equal(networkOf('2001:db8:1:2::9'), '2001:db8:1:2');
    assert.equal(networkOf('2001:db8::1'), '2001:db8:0:0');
    assert.equal(networkOf('::1'), '0:0:0:0');
    assert.equal(networkOf('192.0.2.1'), '192.0.2.1');
  });
});
