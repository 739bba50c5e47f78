import { appSpecSchema } from '@rios/sdk/schema/app';
import { containerOfferSchema } from '@rios/sdk/schema/container';
import { insertUsage, listUnmetered } from '../../store/container-usage.ts';
import { decodeJson } from '../../store/json.ts';
import type { Store } from '../../store/store.ts';

/** In a transaction: replicas that came since the last look are metered from now on; of one ticket, or all. */
export async function meterReplicas(tx: Store, now: number, ticketNonce?: string): Promise<void> {
  for (const { pricesJson, specJson, ...replica } of await listUnmetered(tx, ticketNonce)) {
    const { cpuMillicores, memoryBytes, gpus } = decodeJson(appSpecSchema, specJson).resources;
    const prices = decodeJson(containerOfferSchema.shape.prices, pricesJson);
    await insertUsage(tx, { ...replica, terms: { cpuMillicores, memoryBytes, gpus, prices }, openedAt: now });
  }
}
