import { expect } from 'chai';
import fc from 'fast-check';
import { type Bucket, takeToken } from '../../src/cache/token-bucket.ts';

const RATE = { capacity: 100, refillPerSecond: 10 };

describe('takeToken', () => {
  it('default: the burst, and then exactly ten in a second', () => {
    const allowedAt = (times: readonly number[]) => countAllowed(times);

    expect(allowedAt(Array.from({ length: 300 }, () => 0))).to.equal(100);
    expect(allowedAt(Array.from({ length: 300 }, (_, index) => (index < 150 ? 0 : 1000)))).to.equal(110);
  });

  it('behaviour: at any times, no more than the burst and the whole tokens refilled', () => {
    const steps = fc.array(fc.integer({ min: -50, max: 400 }), { minLength: 1, maxLength: 500 });
    fc.assert(
      fc.property(steps, (waits) => {
        let now = 0;
        const times = waits.map((wait) => (now += wait));
        const span = Math.max(0, ...times) - (times[0] ?? 0);
        expect(countAllowed(times)).to.be.at.most(100 + Math.floor((10 * span) / 1000));
      }),
    );
  });

  it('behaviour: whoever waits as long as told is let through', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 50 }),
        fc.integer({ min: 1, max: 1000 }),
        (capacity, refillPerSecond) => {
          const rate = { capacity, refillPerSecond };
          let state: Bucket | undefined;
          for (let count = 0; count < capacity; count++) state = takeToken(state, rate, 7).bucket;
          const { grant, bucket } = takeToken(state, rate, 7);
          expect(grant.allowed).to.equal(false);
          expect(takeToken(bucket, rate, 7 + grant.retryAfterMs).grant.allowed).to.equal(true);
        },
      ),
    );
  });
});

function countAllowed(times: readonly number[]): number {
  let bucket: Bucket | undefined;
  let allowed = 0;
  for (const now of times) {
    const taken = takeToken(bucket, RATE, now);
    bucket = taken.bucket;
    if (taken.grant.allowed) allowed++;
  }
  return allowed;
}
