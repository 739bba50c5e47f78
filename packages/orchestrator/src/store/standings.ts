import { amountSchema, countSchema, timeSchema } from '@rios/sdk/schema/common';
import { z } from 'zod';
import { LOW_PERCENTS, type Standing } from '../billing/balance-standing.ts';
import { decodeJson, encodeJson } from './json.ts';
import type { Store } from './store.ts';

const seen = { seenAt: timeSchema, balanceWei: amountSchema.transform((text) => BigInt(text)) };
const leftMs = countSchema;
const standingSchema: z.ZodType<Standing> = z.discriminatedUnion('kind', [
  z.strictObject({
    ...seen,
    kind: z.literal('funded'),
    fullWei: amountSchema.transform((text) => BigInt(text)),
    warnedPercent: z.union([z.literal(100), ...LOW_PERCENTS.map((percent) => z.literal(percent))]),
  }),
  z.strictObject({ ...seen, kind: z.literal('grace'), leftMs }),
  z.strictObject({ ...seen, kind: z.literal('paused'), leftMs }),
  z.strictObject({ ...seen, kind: z.literal('unfunded') }),
]);

/** Undefined for an account that nobody has looked at yet. */
export async function readStanding(store: Store, accountId: string): Promise<Standing | undefined> {
  const row = await store
    .selectFrom('account_standings')
    .select('standing_json')
    .where('account_id', '=', accountId)
    .executeTakeFirst();
  return row && decodeJson(standingSchema, row.standing_json);
}

export async function putStanding(tx: Store, accountId: string, standing: Standing): Promise<void> {
  const json = encodeJson({
    ...standing,
    balanceWei: String(standing.balanceWei),
    ...('fullWei' in standing ? { fullWei: String(standing.fullWei) } : {}),
  });
  const values = { standing_json: json, updated_at: standing.seenAt };
  await tx
    .insertInto('account_standings')
    .values({ account_id: accountId, ...values })
    .onConflict((conflict) => conflict.column('account_id').doUpdateSet(values))
    .execute();
}

/** Accounts that ever had money, by id, those after `after` only; not addresses whose deposits wait for a link. */
export async function listAccountsWithMoney(store: Store, after: string, limit: number): Promise<string[]> {
  const rows = await store
    .selectFrom('ledger_balances')
    .select('account')
    .distinct()
    .where('account', 'like', 'user:%')
    .where('account', 'not like', 'user:0x%')
    .where('account', '>', `user:${after}`)
    .orderBy('account')
    .limit(limit)
    .execute();
  return rows.map(({ account }) => account.slice('user:'.length));
}
