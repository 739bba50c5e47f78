import { RiosError } from '../errors/error.ts';
import { isPrice, PRICED_QUANTITY, type Resource, WHOLE_BPS } from './price-table.ts';

/** How much of a resource was used, at which price. */
export interface Usage {
  readonly resource: Resource;
  /** Whole number, at least 0, counted as PRICED_QUANTITY says. */
  readonly quantity: number;
  /** Wei of ROS per PRICED_QUANTITY. */
  readonly priceWei: bigint;
}

/** Who gets what of a charge, wei of ROS. Together they are what was split. */
export interface ChargeSplit {
  readonly workerWei: bigint;
  readonly platformWei: bigint;
  /** 0 or 1: what neither share covers. It is kept, and split with a later charge. */
  readonly carriedWei: bigint;
}

/**
 * What a user pays for one line of usage, wei of ROS: quantity times price divided by PRICED_QUANTITY, rounded down
 * once, at the end. So a line costs less than 1 wei below its exact price, never more than it; more usage or a
 * higher price never costs less; and lines that together use no more than one big line cost no more than that one.
 * @throws RiosError BILLING_PRICE for a price or a quantity that is negative, absurd or not a whole number
 */
export function priceUsage({ resource, quantity, priceWei }: Usage): bigint {
  if (!isQuantity(quantity)) throw refused(resource, `the quantity ${quantity} is no count`);
  if (!isPrice(priceWei)) throw refused(resource, `the price ${priceWei} wei is out of bounds`);
  return (BigInt(quantity) * priceWei) / BigInt(PRICED_QUANTITY[resource]);
}

/** Whether usage can be counted so: a whole number from 0 that is exact (at most 2^53 - 1). */
export const isQuantity = (quantity: number): boolean => Number.isSafeInteger(quantity) && quantity >= 0;

/**
 * Splits a charge between worker and platform. Both shares are rounded down, of the charge and what an earlier one
 * left over (`carriedWei`); what is left, 0 or 1 wei, is carried on. Nothing is made and nothing is lost:
 * workerWei + platformWei + carriedWei = amountWei + the carriedWei that was given.
 * @throws RiosError BILLING_PRICE for a negative amount, a negative rest, or a share outside 0 to 10,000 basis points
 */
export function splitCharge(amountWei: bigint, platformBps: number, carriedWei = 0n): ChargeSplit {
  const whole = BigInt(WHOLE_BPS);
  if (amountWei < 0n || carriedWei < 0n) {
    throw refused('units', `there is no share of ${amountWei} wei and a rest of ${carriedWei} wei`);
  }
  if (!isQuantity(platformBps) || platformBps > WHOLE_BPS) {
    throw refused('units', `${platformBps} basis points are no share`);
  }
  const pot = amountWei + carriedWei;
  const platformWei = (pot * BigInt(platformBps)) / whole;
  const workerWei = (pot * (whole - BigInt(platformBps))) / whole;
  return { workerWei, platformWei, carriedWei: pot - platformWei - workerWei };
}

const refused = (resource: Resource, why: string): RiosError =>
  new RiosError('BILLING_PRICE', `this cannot be priced: ${why}`, { details: { resource } });
