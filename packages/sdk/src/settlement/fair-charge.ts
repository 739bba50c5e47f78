import type { Receipt } from '../schema/trust.ts';

/** What was charged for one receipt, and who got what of it; wei of ROS. */
export interface ChargeAmounts {
  readonly units: number;
  /** For 1,000,000 units. */
  readonly priceWei: bigint;
  readonly amountWei: bigint;
  readonly workerWei: bigint;
  readonly platformWei: bigint;
}

const UNITS_PER_PRICE = 1_000_000n;
const BPS = 10_000n;

/**
 * Why a charge cannot be right; undefined when it can. It is for no more units than the worker signed, at the price
 * that it signed, and at most their product, rounded down once; worker and platform get their shares rounded down, of the charge or, where a remainder of 1 wei was carried to it, of 1 wei
 * more. Pure.
 * @param feeBps the platform's share in basis points
 * @param unitsPerPrice how many units the price is for
 */
export function unfairness(
  charge: ChargeAmounts,
  signed: Pick<Receipt, 'units' | 'price'>,
  feeBps: number,
  unitsPerPrice = UNITS_PER_PRICE,
): string | undefined {
  const { units, priceWei, amountWei, workerWei, platformWei } = charge;
  if (units > signed.units) return `${units} units were charged; the receipt counts ${signed.units}`;
  if (priceWei !== BigInt(signed.price))
    return `the price was ${priceWei} wei; the worker asked ${signed.price}`;
  const most = (BigInt(units) * priceWei) / unitsPerPrice;
  if (amountWei > most) return `${amountWei} wei were charged where ${most} is the price`;
  const [worker, platform] = [BPS - BigInt(feeBps), BigInt(feeBps)];
  if (!isShare(workerWei, amountWei, worker))
    return `the worker's share of ${amountWei} is not ${workerWei} wei`;
  if (!isShare(platformWei, amountWei, platform))
    return `the platform's share of ${amountWei} is not ${platformWei} wei`;
  return undefined;
}

const isShare = (share: bigint, amount: bigint, bps: bigint): boolean =>
  share >= (amount * bps) / BPS && share <= ((amount + 1n) * bps) / BPS;
