import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type ContainerRun, containerUsage } from '../../src/billing/container-usage.ts';
import { priceUsage } from '../../src/billing/price-usage.ts';

const run = (changes: Partial<ContainerRun> = {}): ContainerRun => ({
  millicores: 500,
  memoryBytes: 1_000_000_000,
  gpus: 0,
  ranMs: 3_600_000,
  ...changes,
});

const quantitiesOf = (given: ContainerRun) => containerUsage(given).map(({ quantity }) => quantity);

describe('container usage', () => {
  it('default: half a core and 1 GB for an hour cost half a core-hour and a GB-hour', () => {
    const [cores, memory, gpus] = containerUsage(run());

    assert.equal(priceUsage({ ...(cores ?? assert.fail()), priceWei: 10n ** 16n }), 5n * 10n ** 15n);
    assert.equal(priceUsage({ ...(memory ?? assert.fail()), priceWei: 10n ** 16n }), 10n ** 16n);
    assert.equal(priceUsage({ ...(gpus ?? assert.fail()), priceWei: 10n ** 18n }), 0n);
  });

  it('behaviour: a second begun counts whole, a MB too; no time uses nothing', () => {
    assert.deepEqual(quantitiesOf(run({ ranMs: 1, memoryBytes: 1, gpus: 2 })), [500, 1, 2]);
    assert.deepEqual(quantitiesOf(run({ ranMs: 1001, memoryBytes: 1_000_001, gpus: 1 })), [1000, 4, 2]);
    assert.deepEqual(quantitiesOf(run({ ranMs: 0 })), [0, 0, 0]);
  });

  it('behaviour: time is rounded up by less than a second, whatever the run', () => {
    fc.assert(
      fc.property(fc.nat({ max: 64_000 }), fc.nat({ max: 2_678_400_000 }), (millicores, ranMs) => {
        const [cores = -1] = quantitiesOf(run({ millicores, ranMs }));

        assert.ok(cores * 1000 >= millicores * ranMs && cores * 1000 <= millicores * (ranMs + 999));
      }),
    );
  });

  it('error BILLING_PRICE: negative, fractional, endless', () => {
    for (const [name, wrong] of Object.entries({
      'negative time': { ranMs: -1 },
      'no whole time': { ranMs: 0.5 },
      'time over 31 days': { ranMs: 31 * 86_400_000 + 1 },
      'endless time': { ranMs: Infinity },
      'negative cores': { millicores: -500 },
      'absurd cores': { millicores: Number.MAX_SAFE_INTEGER },
      'no number': { memoryBytes: Number.NaN },
      'half a GPU': { gpus: 0.5 },
    }))
      assert.throws(() => containerUsage(run(wrong)), { code: 'BILLING_PRICE' }, name);
  });
});
