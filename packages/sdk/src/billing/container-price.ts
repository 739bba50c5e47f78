import type { AppResources } from '../schema/app.ts';
import type { ContainerOffer } from '../schema/container.ts';
import { containerUsage } from './container-usage.ts';
import { priceUsage } from './price-usage.ts';

const HOUR_MS = 3_600_000;

/** What one container of this size costs in an hour at a worker's ask, wei of ROS. @throws RiosError BILLING_PRICE */
export function hourlyPriceWei(
  { cpuMillicores, memoryBytes, gpus }: Pick<AppResources, 'cpuMillicores' | 'memoryBytes' | 'gpus'>,
  prices: ContainerOffer['prices'],
): bigint {
  return containerUsage({ millicores: cpuMillicores, memoryBytes, gpus, ranMs: HOUR_MS }).reduce(
    (sum, { resource, quantity }) =>
      resource === 'units'
        ? sum
        : sum + priceUsage({ resource, quantity, priceWei: BigInt(prices[resource]) }),
    0n,
  );
}
