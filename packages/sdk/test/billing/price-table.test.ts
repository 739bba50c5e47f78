import assert from 'node:assert/strict';
import {
  agreedPrice,
  DEFAULT_PRICE_TABLE,
  isPrice,
  MAX_PRICE_WEI,
  type PriceTable,
  priceTableAt,
  priceTableOf,
  priceTableSchema,
} from '../../src/billing/price-table.ts';
import { parseRos } from '../../src/chain/amounts.ts';

const buildTable = (changes: Partial<PriceTable>): PriceTable => ({ ...DEFAULT_PRICE_TABLE, ...changes });
const tables = [
  buildTable({ version: 3, effectiveAt: 3000 }),
  buildTable({ version: 1, effectiveAt: 1000 }),
  buildTable({ version: 2, effectiveAt: 2000 }),
];

describe('price table', () => {
  it('default: the defaults have the form of a table, and the prices that the design names', () => {
    const { prices, trialWei, platformBps } = priceTableSchema.parse(DEFAULT_PRICE_TABLE);

    assert.equal(platformBps, 1_000);
    assert.equal(BigInt(trialWei), parseRos('10'));
    assert.equal(BigInt(prices.units.usualWei), parseRos('0.001'));
    assert.equal(BigInt(prices.cores.usualWei), parseRos('0.01'));
    assert.equal(BigInt(prices.cores.mostWei), parseRos('0.05'));
    assert.equal(BigInt(prices.memory.usualWei), parseRos('0.005'));
    assert.equal(BigInt(prices.gpus.usualWei), parseRos('0.5'));
    assert.equal(BigInt(prices.gpus.mostWei), parseRos('2'));
  });

  it('behaviour: the highest version that has begun is in force, in whatever order they stand', () => {
    for (const [now, version] of [
      [1000, 1],
      [1999, 1],
      [2000, 2],
      [9999, 3],
    ] as const)
      assert.equal(priceTableAt(tables, now).version, version, `at ${now}`);
  });

  it('behaviour: a higher version that begins earlier takes the place of a lower one', () => {
    const corrected = [...tables, buildTable({ version: 4, effectiveAt: 1500 })];

    assert.equal(priceTableAt(corrected, 3500).version, 4);
  });

  it('behaviour: before all of them, after a clock was set back, the first counts', () => {
    assert.equal(priceTableAt(tables, 0).version, 1);
  });

  it('behaviour: a table is found by its version', () => {
    assert.equal(priceTableOf(tables, 2).effectiveAt, 2000);
  });

  it('error BILLING_PRICE: no table, or none of that version', () => {
    assert.throws(() => priceTableAt([], 0), { code: 'BILLING_PRICE' });
    assert.throws(() => priceTableOf(tables, 7), { code: 'BILLING_PRICE', details: { version: 7 } });
  });

  it('behaviour: an ask is paid exactly, also none and the highest; without one the usual price counts', () => {
    const mostWei = BigInt(DEFAULT_PRICE_TABLE.prices.units.mostWei);

    for (const ask of [0n, 1n, 12_345n, mostWei])
      assert.equal(agreedPrice(DEFAULT_PRICE_TABLE, 'units', ask), ask);
    assert.equal(agreedPrice(DEFAULT_PRICE_TABLE, 'units'), parseRos('0.001'));
  });

  it('error BILLING_PRICE: a negative ask, or one above the highest', () => {
    const mostWei = BigInt(DEFAULT_PRICE_TABLE.prices.gpus.mostWei);

    for (const ask of [-1n, mostWei + 1n, 10n ** 40n])
      assert.throws(() => agreedPrice(DEFAULT_PRICE_TABLE, 'gpus', ask), { code: 'BILLING_PRICE' }, `${ask}`);
  });

  it('behaviour: a table with a negative, endless or contradictory price has not the form of one', () => {
    const withUnits = (units: { usualWei: string; mostWei: string }) =>
      buildTable({ prices: { ...DEFAULT_PRICE_TABLE.prices, units } });
    const wrong = {
      negative: withUnits({ usualWei: '-1', mostWei: '5' }),
      fraction: withUnits({ usualWei: '0.5', mostWei: '5' }),
      'too high': withUnits({ usualWei: '1', mostWei: String(MAX_PRICE_WEI + 1n) }),
      'usual above highest': withUnits({ usualWei: '6', mostWei: '5' }),
      'share above 20 %': buildTable({ platformBps: 2_001 }),
      'negative share': buildTable({ platformBps: -1 }),
      'version 0': buildTable({ version: 0 }),
    };

    for (const [name, table] of Object.entries(wrong))
      assert.equal(priceTableSchema.safeParse(table).success, false, name);
    assert.ok(priceTableSchema.safeParse(withUnits({ usualWei: '5', mostWei: '5' })).success);
  });

  it('behaviour: prices lie from 0 to 1,000 ROS', () => {
    assert.deepEqual([-1n, 0n, MAX_PRICE_WEI, MAX_PRICE_WEI + 1n].map(isPrice), [false, true, true, false]);
  });
});
