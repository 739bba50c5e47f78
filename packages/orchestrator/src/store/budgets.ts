import { amountSchema, timeSchema } from '@rios/sdk/schema/common';
import { z } from 'zod';
import { ALERT_PERCENTS } from '../billing/budget-window.ts';
import type { BudgetLimits, BudgetState } from '../billing/budgets.ts';
import { decodeJson, encodeJson } from './json.ts';
import type { Store } from './store.ts';

/** Whose budget it is: an account's, or one deployment's of it. */
export type BudgetScope = `account:${string}` | `deployment:${string}`;

export interface StoredBudget {
  readonly scope: string;
  readonly accountId: string;
  readonly limits: BudgetLimits;
  readonly state: BudgetState;
}

const weiSchema = amountSchema.transform((text) => BigInt(text));
const windowSchema = z.strictObject({
  startsAt: timeSchema,
  endsAt: timeSchema,
  spentWei: weiSchema,
  alertedPercent: z.union([z.literal(0), ...ALERT_PERCENTS.map((percent) => z.literal(percent))]),
});
const stateSchema = z.strictObject({ day: windowSchema, month: windowSchema, reservedWei: weiSchema });
const limitsSchema = z
  .strictObject({ request: weiSchema, day: weiSchema, month: weiSchema })
  .partial()
  .transform(
    ({ request, day, month }): BudgetLimits => ({
      ...(request === undefined ? {} : { request }),
      ...(day === undefined ? {} : { day }),
      ...(month === undefined ? {} : { month }),
    }),
  );

/** Undefined for a budget on which nothing was ever drawn, and that has no limits. */
export async function readBudget(store: Store, scope: BudgetScope): Promise<StoredBudget | undefined> {
  const row = await store.selectFrom('budgets').selectAll().where('scope', '=', scope).executeTakeFirst();
  return row && fromRow(row);
}

/** All of an account: its own first, then its deployments' by id. */
export async function listBudgetsOf(store: Store, accountId: string): Promise<StoredBudget[]> {
  const rows = await store
    .selectFrom('budgets')
    .selectAll()
    .where('account_id', '=', accountId)
    .orderBy('scope')
    .execute();
  return rows.map(fromRow);
}

/** In the transaction that read it: writes a budget, or adds it. */
export async function putBudget(tx: Store, budget: StoredBudget, now: number): Promise<void> {
  const values = {
    limits_json: encodeWei(budget.limits),
    state_json: encodeWei(budget.state),
    updated_at: now,
  };
  await tx
    .insertInto('budgets')
    .values({ scope: budget.scope, account_id: budget.accountId, ...values })
    .onConflict((conflict) => conflict.column('scope').doUpdateSet(values))
    .execute();
}

const fromRow = (row: {
  scope: string;
  account_id: string;
  limits_json: string;
  state_json: string;
}): StoredBudget => ({
  scope: row.scope,
  accountId: row.account_id,
  limits: decodeJson(limitsSchema, row.limits_json),
  state: decodeJson(stateSchema, row.state_json),
});

const encodeWei = (value: unknown): string => encodeJson(withTextWei(value));

function withTextWei(value: unknown): unknown {
  if (typeof value === 'bigint') return String(value);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withTextWei(inner)]));
}
