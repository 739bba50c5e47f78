import { z } from 'zod';
import { RiosError } from '../errors/error.ts';
import { amountSchema, timeSchema } from '../schema/common.ts';

/** What is measured and paid for. */
export const RESOURCES = ['units', 'cores', 'memory', 'gpus'] as const;
export type Resource = (typeof RESOURCES)[number];

/**
 * How much of a resource one price buys, in the whole numbers that usage is counted in.
 * units: 1,000,000 token rows. cores: one core for an hour, in thousandths of a core times seconds. memory: 1 GB
 * (10^9 bytes) for an hour, in MB times seconds. gpus: one GPU for an hour, in seconds.
 */
export const PRICED_QUANTITY: Readonly<Record<Resource, number>> = {
  units: 1_000_000,
  cores: 3_600_000,
  memory: 3_600_000,
  gpus: 3_600,
};

/** Basis points of a whole. */
export const WHOLE_BPS = 10_000;
/** The platform's share can never be set above this: 20 %. */
export const MAX_PLATFORM_BPS = 2_000;
/** No price is higher, whatever a table says, wei: 1,000 ROS. With it, no sum of lines leaves 128 bits. */
export const MAX_PRICE_WEI = 1_000n * 10n ** 18n;
/** No request costs more, wei: what amountSchema and the ledger can hold. */
export const MAX_AMOUNT_WEI = 10n ** 30n - 1n;

const priceSchema = amountSchema.refine(
  (text) => parsePrice(text) !== undefined,
  'a price is at most 1,000 ROS',
);
const rangeSchema = z
  .strictObject({
    /** What a worker asks that names no price, wei of ROS. */
    usualWei: priceSchema,
    /** The highest ask that is taken, wei of ROS. There is no lowest: who gives work away may. */
    mostWei: priceSchema,
  })
  .refine(
    ({ usualWei, mostWei }) => (parsePrice(usualWei) ?? 0n) <= (parsePrice(mostWei) ?? 0n),
    'the usual price is above the highest',
  );
export type PriceRange = z.infer<typeof rangeSchema>;

/** Prices as an operator sets them. A table never changes: another one with a higher version takes its place. */
export const priceTableSchema = z.strictObject({
  version: z.int().min(1).max(1_000_000_000),
  /** From when it counts, ms. */
  effectiveAt: timeSchema,
  /** Of each charge, basis points for the platform; the workers get the rest. */
  platformBps: z.int().min(0).max(MAX_PLATFORM_BPS),
  /** What a new account is given, wei of ROS. */
  trialWei: amountSchema,
  /** Of each resource, per PRICED_QUANTITY. */
  prices: z.strictObject({
    units: rangeSchema,
    cores: rangeSchema,
    memory: rangeSchema,
    gpus: rangeSchema,
  } satisfies Record<Resource, typeof rangeSchema>),
});
export type PriceTable = z.infer<typeof priceTableSchema>;

const milli = (thousandths: number): string => String(BigInt(thousandths) * 10n ** 15n);

/** The table of an operator who sets none (design, section 9): 10 % for the platform, 10 ROS to begin with. */
export const DEFAULT_PRICE_TABLE: PriceTable = {
  version: 1,
  effectiveAt: 0,
  platformBps: 1_000,
  trialWei: milli(10_000),
  prices: {
    units: { usualWei: milli(1), mostWei: milli(1_000) },
    cores: { usualWei: milli(10), mostWei: milli(50) },
    memory: { usualWei: milli(5), mostWei: milli(5) },
    gpus: { usualWei: milli(500), mostWei: milli(2_000) },
  },
};

/** Whether it can be a price at all: neither negative nor above MAX_PRICE_WEI. */
export const isPrice = (wei: bigint): boolean => wei >= 0n && wei <= MAX_PRICE_WEI;

/** The price of a text of digits, wei; undefined when it is none, or not one that can be. */
export function parsePrice(text: string): bigint | undefined {
  if (!/^\d{1,30}$/.test(text)) return undefined;
  const wei = BigInt(text);
  return isPrice(wei) ? wei : undefined;
}

/**
 * The table in force at `now`: of those that have begun, the one with the highest version. Before all of them (a
 * clock that was set back) the lowest version counts, so that there always is a price.
 * @throws RiosError BILLING_PRICE when there is no table
 */
export function priceTableAt(tables: readonly PriceTable[], now: number): PriceTable {
  const byVersion = [...tables].sort((one, other) => one.version - other.version);
  const table = byVersion.findLast(({ effectiveAt }) => effectiveAt <= now) ?? byVersion[0];
  if (table === undefined) throw new RiosError('BILLING_PRICE', 'there is no price table');
  return table;
}

/** The table of this version. @throws RiosError BILLING_PRICE when there is none */
export function priceTableOf(tables: readonly PriceTable[], version: number): PriceTable {
  const table = tables.find((candidate) => candidate.version === version);
  if (table !== undefined) return table;
  throw new RiosError('BILLING_PRICE', `there is no price table ${version}`, { details: { version } });
}

/**
 * What a worker is paid per PRICED_QUANTITY: exactly its ask, or the usual price when it names none.
 * @throws RiosError BILLING_PRICE for a negative ask, or one above the table's highest
 */
export function agreedPrice({ prices, version }: PriceTable, resource: Resource, askWei?: bigint): bigint {
  const mostWei = BigInt(prices[resource].mostWei);
  const priceWei = askWei ?? BigInt(prices[resource].usualWei);
  if (priceWei >= 0n && priceWei <= mostWei) return priceWei;
  const why = priceWei < 0n ? 'is negative' : `is above the highest of price table ${version}, ${mostWei}`;
  throw new RiosError('BILLING_PRICE', `the price ${priceWei} wei for ${resource} ${why}`, {
    details: { resource, priceWei: String(priceWei), mostWei: String(mostWei), version },
  });
}
