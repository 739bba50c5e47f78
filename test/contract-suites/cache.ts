import { systemClock } from '@rios/sdk/clock';
import { expect } from 'chai';
import fc from 'fast-check';
import type { Cache } from '../../packages/orchestrator/src/cache/cache.ts';

export interface CacheBackend {
  readonly name: string;
  /** An empty cache; a second call gives another view of the same one when `shared`. */
  open(): Promise<Cache>;
  /** Another client of the cache opened last. */
  again?(): Promise<Cache>;
}

const RATE = { capacity: 100, refillPerSecond: 10 };
const LONG_MS = 60_000;

/** What every cache must do, wherever it keeps its values. Run it once per backend. */
export function cacheContract(backend: CacheBackend): void {
  describe(`cache in ${backend.name}`, () => {
    let cache: Cache;
    beforeEach(async () => {
      cache = await backend.open();
    });
    afterEach(() => cache.stop());

    describeValues(() => cache);
    describeCounters(() => cache);
    describeBuckets(() => cache);
    if (backend.again !== undefined) describeSharing(() => cache, backend.again);
  });
}

function describeValues(cache: () => Cache): void {
  it('default: a value is there until it is deleted', async () => {
    await cache().set('a', 'one', LONG_MS);
    await cache().set('a', 'two', LONG_MS);

    expect(await cache().get('a')).to.equal('two');
    expect(await cache().delete('a')).to.equal(true);
    expect(await cache().delete('a')).to.equal(false);
    expect(await cache().get('a')).to.equal(undefined);
  });

  it('behaviour: a value ends with its time', async () => {
    await cache().set('short', 'x', 30);
    await cache().set('long', 'y', LONG_MS);

    await passes(async () => (await cache().get('short')) === undefined);
    expect(await cache().get('long')).to.equal('y');
    expect(await cache().add('short', 'z', LONG_MS)).to.equal(true);
  });

  it('behaviour: of many that add the same key, one does', async () => {
    const added = await Promise.all(
      Array.from({ length: 20 }, (_, index) => cache().add('nonce', String(index), LONG_MS)),
    );

    expect(added.filter(Boolean)).to.have.length(1);
    expect(await cache().get('nonce')).to.equal(String(added.indexOf(true)));
  });

  it('behaviour: any text is a key and a value', async () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('', '\0', '\ud800', '*', 'a b\r\nDEL a'),
    );
    await fc.assert(
      fc.asyncProperty(text, text, async (key, value) => {
        await cache().set(key, value, LONG_MS);
        expect(await cache().get(key)).to.equal(value);
      }),
      { numRuns: 100 },
    );
  });

  it('behaviour: values, counters and buckets of one name do not meet', async () => {
    await cache().set('a', 'text', LONG_MS);
    await cache().increment('a', 1, LONG_MS);
    await cache().take('a', RATE, 0);

    expect(await cache().get('a')).to.equal('text');
    expect(await cache().increment('a', 1, LONG_MS)).to.equal(2);
  });
}

function describeCounters(cache: () => Cache): void {
  it('default: a counter counts every change once', async () => {
    const values = await Promise.all(Array.from({ length: 50 }, () => cache().increment('n', 2, LONG_MS)));

    expect(values.sort((a, b) => a - b)).to.deep.equal(
      Array.from({ length: 50 }, (_, index) => 2 * index + 2),
    );
    expect(await cache().increment('n', -100, LONG_MS)).to.equal(0);
  });

  it('behaviour: a counter ends a while after its first change, however often it changes', async () => {
    await cache().increment('n', 5, 80);
    await passes(async () => (await cache().increment('n', 1, 80)) === 1);
  });
}

function describeBuckets(cache: () => Cache): void {
  it('default: a full bucket gives its capacity, then says when the next token comes', async () => {
    const rate = { capacity: 3, refillPerSecond: 1 };
    const grants = [];
    for (let count = 0; count < 4; count++) grants.push(await cache().take('b', rate, 5_000));

    expect(grants.map(({ allowed }) => allowed)).to.deep.equal([true, true, true, false]);
    expect(grants.map(({ remaining }) => remaining)).to.deep.equal([2, 1, 0, 0]);
    expect(grants[0]?.retryAfterMs).to.equal(0);
    expect(grants[3]?.retryAfterMs).to.be.within(500, 1000);
  });

  it('behaviour: 300 at once let through the burst and what was refilled meanwhile, no more', async () => {
    await expectExactly(Array.from({ length: 300 }, () => cache()));
  });

  it('behaviour: it fills again', async () => {
    const rate = { capacity: 1, refillPerSecond: 50 };
    expect((await cache().take('b', rate, Date.now())).allowed).to.equal(true);

    await passes(async () => (await cache().take('b', rate, Date.now())).allowed);
  });
}

function describeSharing(cache: () => Cache, again: () => Promise<Cache>): void {
  it('behaviour: two clients see the same values, and their clocks do not matter', async () => {
    const other = await again();
    await cache().set('a', 'x', LONG_MS);

    expect(await other.get('a')).to.equal('x');
    const rate = { capacity: 1, refillPerSecond: 1 };
    expect((await cache().take('b', rate, Date.now())).allowed).to.equal(true);
    expect((await other.take('b', rate, Date.now() + 3_600_000)).allowed).to.equal(false);
    await other.stop();
  });

  it('behaviour: 300 at once by two clients let through the burst and the refill, no more', async () => {
    const other = await again();
    await expectExactly(Array.from({ length: 300 }, (_, index) => (index % 2 === 0 ? cache() : other)));
    await other.stop();
  });
}

/** Asks all at once; the least and the most that may be let through follow from the time it took. */
async function expectExactly(caches: readonly Cache[]): Promise<void> {
  const began = performance.now();
  const grants = await Promise.all(caches.map((one) => one.take('limit', RATE, systemClock.now())));
  const elapsedSeconds = (performance.now() - began) / 1000;

  const allowed = grants.filter((grant) => grant.allowed).length;
  expect(allowed).to.be.within(100, 100 + Math.floor(10 * elapsedSeconds));
}

/** Asks until it is so: for time inside a server, which no fake clock reaches. */
async function passes(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, 10));
}
