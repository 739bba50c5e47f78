import { containerUsage } from '@rios/sdk/billing/container-usage';
import { priceUsage } from '@rios/sdk/billing/price-usage';
import type { AppResources } from '@rios/sdk/schema/app';
import type { ContainerPrices } from '../store/replicas.ts';

const HOUR_MS = 3_600_000;

/** What one replica costs in an hour at these prices, wei of ROS. */
export function hourlyPrice(resources: AppResources, prices: ContainerPrices): bigint {
  const { cpuMillicores: millicores, memoryBytes, gpus } = resources;
  return containerUsage({ millicores, memoryBytes, gpus, ranMs: HOUR_MS }).reduce(
    (sum, { resource, quantity }) =>
      resource === 'units'
        ? sum
        : sum + priceUsage({ resource, quantity, priceWei: BigInt(prices[resource]) }),
    0n,
  );
}
