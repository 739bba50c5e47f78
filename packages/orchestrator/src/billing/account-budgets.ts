import { formatRos } from '@rios/sdk/chain/amounts';
import { RiosError } from '@rios/sdk/errors/error';
import { type BudgetScope, putBudget, readBudget, type StoredBudget } from '../store/budgets.ts';
import { addEvent } from '../store/events.ts';
import type { Store } from '../store/store.ts';
import { type BudgetAlert, type BudgetLimits, captureBudget, openBudget, reserveBudget } from './budgets.ts';

/** Whose budgets a request draws on: its account's, and its deployment's if it has one. */
export interface BudgetOwner {
  readonly accountId: string;
  readonly deploymentId?: string;
}

export interface BudgetReservation extends BudgetOwner {
  /** What the ledger reserves, wei of ROS. */
  readonly amountWei: bigint;
  readonly now: number;
}

export interface BudgetCapture extends BudgetOwner {
  /** All that was reserved. */
  readonly reservedWei: bigint;
  /** What of it was paid; 0 releases all. */
  readonly spentWei: bigint;
  readonly now: number;
}

export interface ScopedAlert extends BudgetAlert {
  readonly scope: BudgetScope;
}

/** The scope of an account's own budget. */
export const accountScope = (accountId: string): BudgetScope => `account:${accountId}`;
/** The scope of one deployment's budget. */
export const deploymentScope = (deploymentId: string): BudgetScope => `deployment:${deploymentId}`;

/**
 * In the transaction that reserves in the ledger, after the ledger (whose turn puts writers in a row): takes the
 * amount from the budgets of the account and the deployment. Without limits it only counts.
 * @throws RiosError QUOTA_BUDGET (the transaction must end: nothing of it stands); NOT_FOUND for a deployment of
 * somebody else
 */
export async function reserveBudgets(tx: Store, reservation: BudgetReservation): Promise<void> {
  const { amountWei, now } = reservation;
  for (const budget of await readAll(tx, reservation, now)) {
    const state = reserveBudget(budget.state, budget.limits, amountWei, now);
    await putBudget(tx, { ...budget, state }, now);
  }
}

/**
 * In the transaction that captures or releases in the ledger, once for each reservation (when its posting isNew):
 * ends what reserveBudgets began. Percents that are newly reached become events of the account, and are given back.
 * @throws RiosError BUG_UNEXPECTED when it does not fit what is reserved; NOT_FOUND as reserveBudgets does
 */
export async function captureBudgets(tx: Store, capture: BudgetCapture): Promise<readonly ScopedAlert[]> {
  const { accountId, reservedWei, spentWei, now } = capture;
  const told: ScopedAlert[] = [];
  for (const budget of await readAll(tx, capture, now)) {
    const { state, alerts } = captureBudget(budget.state, budget.limits, { reservedWei, spentWei }, now);
    await putBudget(tx, { ...budget, state }, now);
    told.push(...alerts.map((alert) => ({ ...alert, scope: budget.scope })));
  }
  for (const alert of told) {
    const about = { at: now, subject: alert.scope, accountId };
    await addEvent(tx, { ...about, kind: 'billing.budget', message: describeAlert(alert) });
  }
  return told;
}

/** How limits change: null takes one away, undefined leaves it. */
export type LimitsChange = { readonly [Key in keyof BudgetLimits]?: bigint | null | undefined };

/** In a transaction: changes limits of one budget. What is spent and reserved counts against the new ones at once. */
export async function changeBudget(
  tx: Store,
  owner: BudgetOwner,
  change: LimitsChange,
  now: number,
): Promise<StoredBudget> {
  const scope =
    owner.deploymentId === undefined ? accountScope(owner.accountId) : deploymentScope(owner.deploymentId);
  const budget = await readOne(tx, scope, owner.accountId, now);
  const changed = { ...budget, limits: mergeLimits(budget.limits, change) };
  await putBudget(tx, changed, now);
  return changed;
}

function mergeLimits(limits: BudgetLimits, change: LimitsChange): BudgetLimits {
  const keys = ['request', 'day', 'month'] as const;
  return Object.fromEntries(
    keys.flatMap((key) => {
      const wei = change[key] === undefined ? limits[key] : change[key];
      return wei === undefined || wei === null ? [] : [[key, wei]];
    }),
  );
}

/** Of an account and, if there is one, the deployment: always in this order. */
async function readAll(tx: Store, owner: BudgetOwner, now: number): Promise<ScopedBudget[]> {
  const { accountId, deploymentId } = owner;
  const own = await readOne(tx, accountScope(accountId), accountId, now);
  if (deploymentId === undefined) return [own];
  return [own, await readOne(tx, deploymentScope(deploymentId), accountId, now)];
}

type ScopedBudget = StoredBudget & { readonly scope: BudgetScope };

/** A budget as it is, or a new one. */
export async function readOne(
  store: Store,
  scope: BudgetScope,
  accountId: string,
  now: number,
): Promise<ScopedBudget> {
  const found = await readBudget(store, scope);
  if (found === undefined) return { scope, accountId, limits: {}, state: openBudget(now) };
  if (found.accountId === accountId) return { ...found, scope };
  throw new RiosError('NOT_FOUND', `there is no ${scope}`);
}

function describeAlert({ scope, period, percent, spentWei, limitWei }: ScopedAlert): string {
  const whose = scope.startsWith('deployment:') ? `of ${scope} ` : '';
  const window = period === 'day' ? "today's" : "this month's";
  return `${percent} % of ${window} budget ${whose}is spent: ${formatRos(spentWei)} of ${formatRos(limitWei)}`;
}
