import { RiosError } from '@rios/sdk/errors/error';
import { z } from 'zod';
import { decodeJson, encodeJson } from '../store/json.ts';
import { getNetworkFact, putNetworkFact } from '../store/network.ts';
import type { Store } from '../store/store.ts';

/** Why nothing may be published; amounts in wei of ROS as decimal text. */
const stopSchema = z.strictObject({
  at: z.int(),
  block: z.int(),
  differences: z.array(z.strictObject({ where: z.string(), expectedWei: z.string(), foundWei: z.string() })),
});
export type PublishingStop = z.infer<typeof stopSchema>;

const FACT = 'settlement.stop';

/** Undefined while publishing goes on. */
export async function readStop(store: Store): Promise<PublishingStop | undefined> {
  const text = await getNetworkFact(store, FACT);
  return text === undefined || text === '' ? undefined : decodeJson(stopSchema, text);
}

/** For all orchestrators of the store, and over restarts. */
export async function writeStop(tx: Store, stop: PublishingStop | undefined): Promise<void> {
  await putNetworkFact(tx, FACT, stop === undefined ? '' : encodeJson(stop));
}

/** Call in the transaction that would publish. @throws RiosError SETTLEMENT_UNBALANCED with details.differences */
export async function checkPublishing(tx: Store): Promise<void> {
  const stop = await readStop(tx);
  if (stop === undefined) return;
  const [first] = stop.differences;
  throw new RiosError(
    'SETTLEMENT_UNBALANCED',
    `ledger and chain differ at ${first?.where}: nothing is published`,
    { details: { ...stop } },
  );
}
