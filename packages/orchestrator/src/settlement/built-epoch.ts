import { countSchema, sha256Schema } from '@rios/sdk/schema/common';
import { z } from 'zod';

const wei = z.string().regex(/^\d{1,39}$/);
const root = z.string().regex(/^0x[0-9a-f]{64}$/);

/** What a process that built an epoch says of it: two of them must say the same. */
export const builtEpochSchema = z.strictObject({
  root,
  receiptsRoot: root,
  sha256: sha256Schema,
  sizeBytes: countSchema,
  payees: countSchema,
  receipts: countSchema,
  paidWei: wei,
  earnedWei: wei,
  platformWei: wei,
  carriedWei: wei,
  totalWei: wei,
});
export type BuiltEpoch = z.infer<typeof builtEpochSchema>;

/** Names of what two processes say differently, in the order of the fields. Pure. */
export function differencesOf(one: BuiltEpoch, other: BuiltEpoch): string[] {
  const said = new Map<string, string | number>(Object.entries(other));
  return Object.entries(one)
    .filter(([name, value]) => said.get(name) !== value)
    .map(([name]) => name);
}
