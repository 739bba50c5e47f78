import assert from 'node:assert/strict';
import fc from 'fast-check';
import { MAX_PRICE_WEI, PRICED_QUANTITY, RESOURCES } from '../../src/billing/price-table.ts';
import { priceUsage, splitCharge } from '../../src/billing/price-usage.ts';

const resources = fc.constantFrom(...RESOURCES);
const quantities = fc.oneof(
  fc.nat({ max: 10_000 }),
  fc.nat({ max: Number.MAX_SAFE_INTEGER }),
  fc.constant(Number.MAX_SAFE_INTEGER),
);
const prices = fc.oneof(fc.bigInt(0n, 10_000n), fc.bigInt(0n, MAX_PRICE_WEI), fc.constant(MAX_PRICE_WEI));
const pricePairs = fc.tuple(prices, prices).map((pair) => pair.sort((one, other) => (one < other ? -1 : 1)));
const amounts = fc.oneof(fc.bigInt(0n, 100n), fc.bigInt(0n, 2n ** 127n));
const shares = fc.nat({ max: 10_000 });

describe('price usage', () => {
  it('default: a million units cost the price; a core for an hour too', () => {
    assert.equal(priceUsage({ resource: 'units', quantity: 1_000_000, priceWei: 10n ** 15n }), 10n ** 15n);
    assert.equal(priceUsage({ resource: 'cores', quantity: 1000 * 3600, priceWei: 7n }), 7n);
    assert.equal(priceUsage({ resource: 'gpus', quantity: 1800, priceWei: 10n ** 18n }), 5n * 10n ** 17n);
  });

  it('behaviour: rounded down, once: a line costs less than 1 wei below its exact price, and never more', () => {
    fc.assert(
      fc.property(resources, quantities, prices, (resource, quantity, priceWei) => {
        const wei = priceUsage({ resource, quantity, priceWei });

        const exact = BigInt(quantity) * priceWei;
        const per = BigInt(PRICED_QUANTITY[resource]);
        assert.ok(wei * per <= exact && exact < (wei + 1n) * per, `${wei}`);
      }),
    );
  });

  it('behaviour: 1 unit below a whole wei is still rounded down', () => {
    const weiOf = (quantity: number) => priceUsage({ resource: 'units', quantity, priceWei: 1n });

    assert.deepEqual([999_999, 1_000_000, 1_999_999].map(weiOf), [0n, 1n, 1n]);
  });

  it('behaviour: more usage or a higher price never costs less', () => {
    fc.assert(
      fc.property(resources, quantities, quantities, pricePairs, (resource, q1, q2, [low, high]) => {
        const less = priceUsage({ resource, quantity: Math.min(q1, q2), priceWei: low });
        const more = priceUsage({ resource, quantity: Math.max(q1, q2), priceWei: high });

        assert.ok(less <= more);
      }),
    );
  });

  it('behaviour: pieces cost no more than the whole, and less than 1 wei each below it', () => {
    const pieces = fc.array(fc.nat({ max: 2 ** 40 }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(resources, pieces, prices, (resource, quantities, priceWei) => {
        const quantity = quantities.reduce((sum, piece) => sum + piece, 0);
        const whole = priceUsage({ resource, quantity, priceWei });

        const apart = quantities.map((piece) => priceUsage({ resource, quantity: piece, priceWei }));
        const sum = apart.reduce((total, wei) => total + wei, 0n);
        assert.ok(sum <= whole && whole - sum < BigInt(apart.length), `${whole - sum}`);
      }),
    );
  });

  it('behaviour: nothing used, or given away, costs nothing', () => {
    assert.equal(priceUsage({ resource: 'units', quantity: 0, priceWei: MAX_PRICE_WEI }), 0n);
    assert.equal(priceUsage({ resource: 'units', quantity: Number.MAX_SAFE_INTEGER, priceWei: 0n }), 0n);
  });

  it('behaviour: 65,536 of the dearest lines fit in 128 bits', () => {
    const dearest = { resource: 'gpus' as const, quantity: Number.MAX_SAFE_INTEGER, priceWei: MAX_PRICE_WEI };

    assert.ok(priceUsage({ ...dearest, resource: 'units' }) * 65_536n < 2n ** 128n);
  });

  it('error BILLING_PRICE: a negative or absurd price, a quantity that is negative or no exact count', () => {
    for (const priceWei of [-1n, MAX_PRICE_WEI + 1n, 10n ** 60n])
      assert.throws(() => priceUsage({ resource: 'units', quantity: 1, priceWei }), {
        code: 'BILLING_PRICE',
      });
    for (const quantity of [-1, 0.5, Number.NaN, Infinity, Number.MAX_SAFE_INTEGER + 1])
      assert.throws(
        () => priceUsage({ resource: 'units', quantity, priceWei: 1n }),
        { code: 'BILLING_PRICE' },
        `${quantity}`,
      );
  });
});

describe('split charge', () => {
  it('default: nine tenths for the worker, one for the platform', () => {
    assert.deepEqual(splitCharge(1_000n, 1_000), { workerWei: 900n, platformWei: 100n, carriedWei: 0n });
  });

  it('behaviour: what neither share covers is carried, and given out with a later charge', () => {
    const first = splitCharge(19n, 1_000);
    const second = splitCharge(11n, 1_000, first.carriedWei);

    assert.deepEqual(first, { workerWei: 17n, platformWei: 1n, carriedWei: 1n });
    assert.deepEqual(second, { workerWei: 10n, platformWei: 1n, carriedWei: 1n });
  });

  it('behaviour: nothing is made and nothing lost, both shares round down, at most 1 wei is carried', () => {
    fc.assert(
      fc.property(amounts, shares, fc.bigInt(0n, 5n), (amountWei, bps, carried) => {
        const { workerWei, platformWei, carriedWei } = splitCharge(amountWei, bps, carried);

        const pot = amountWei + carried;
        assert.equal(workerWei + platformWei + carriedWei, pot);
        assert.ok(workerWei >= 0n && platformWei >= 0n);
        assert.ok(carriedWei === 0n || carriedWei === 1n, `${carriedWei}`);
        const exact = pot * BigInt(10_000 - bps);
        assert.ok(workerWei * 10_000n <= exact && exact < (workerWei + 1n) * 10_000n, 'the worker');
        const platform = pot * BigInt(bps);
        assert.ok(platformWei * 10_000n <= platform && platform < (platformWei + 1n) * 10_000n, 'platform');
      }),
    );
  });

  it('behaviour: over any series of charges with the rest carried on, at most 1 wei is left in the end', () => {
    fc.assert(
      fc.property(fc.array(amounts, { maxLength: 30 }), shares, (charges, bps) => {
        let carried = 0n;
        let given = 0n;
        for (const amountWei of charges) {
          const split = splitCharge(amountWei, bps, carried);
          given += split.workerWei + split.platformWei;
          carried = split.carriedWei;
        }

        assert.equal(
          given + carried,
          charges.reduce((sum, wei) => sum + wei, 0n),
        );
        assert.ok(carried <= 1n);
      }),
    );
  });

  it('error BILLING_PRICE: a negative amount or rest, a share that is none', () => {
    assert.throws(() => splitCharge(-1n, 1_000), { code: 'BILLING_PRICE' });
    assert.throws(() => splitCharge(1n, 1_000, -1n), { code: 'BILLING_PRICE' });
    for (const bps of [-1, 10_001, 0.5, Number.NaN])
      assert.throws(() => splitCharge(1n, bps), { code: 'BILLING_PRICE' }, `${bps}`);
  });
});
