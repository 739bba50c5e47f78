import { formatRos } from '@rios/sdk/chain/amounts';
import { RiosError } from '@rios/sdk/errors/error';
import {
  type AlertPercent,
  BUDGET_PERIODS,
  type BudgetPeriod,
  type BudgetWindow,
  openWindow,
  reachedPercent,
  windowAt,
} from './budget-window.ts';

/** What may be spent at most, wei of ROS; what is left out has no limit. Of an account, or of one deployment. */
export interface BudgetLimits {
  readonly request?: bigint;
  readonly day?: bigint;
  readonly month?: bigint;
}

/** What one budget has seen. Plain facts: the store keeps them, and changes them in one transaction with the ledger. */
export interface BudgetState extends Readonly<Record<BudgetPeriod, BudgetWindow>> {
  /** Of requests that run, wei of ROS: it counts in every window until it is captured or released. */
  readonly reservedWei: bigint;
}

/** A part of a budget was reached. */
export interface BudgetAlert {
  readonly period: BudgetPeriod;
  readonly percent: AlertPercent;
  readonly spentWei: bigint;
  readonly limitWei: bigint;
}

/** How a reservation ended: all of it is free again, and `spentWei` of it was paid. */
export interface BudgetOutcome {
  readonly reservedWei: bigint;
  readonly spentWei: bigint;
}

/** A budget of which nothing is spent. */
export function openBudget(now: number): BudgetState {
  return { day: openWindow('day', now), month: openWindow('month', now), reservedWei: 0n };
}

/**
 * Takes `amountWei` for a request that is about to start. All that is spent and reserved, this included, stays within
 * each limit; so requests at one time can't overrun one together. Pure.
 * @throws RiosError QUOTA_BUDGET: details say which limit, what is missing, and when the period ends
 */
export function reserveBudget(
  state: BudgetState,
  limits: BudgetLimits,
  amountWei: bigint,
  now: number,
): BudgetState {
  checkAmount(amountWei);
  if (limits.request !== undefined && amountWei > limits.request) {
    throw overBudget('request', amountWei - limits.request, limits.request);
  }
  const rolled = rollWindows(state, now);
  const reservedWei = state.reservedWei + amountWei;
  for (const period of BUDGET_PERIODS) {
    const limit = limits[period];
    const missing = rolled[period].spentWei + reservedWei - (limit ?? 0n);
    if (limit !== undefined && missing > 0n) throw overBudget(period, missing, limit, rolled[period].endsAt);
  }
  return { ...rolled, reservedWei };
}

/**
 * Ends a reservation with what the request cost (0 releases all of it). It counts in the day and month in which it is
 * captured. Gives one alert for each period, the highest percent newly reached. Pure.
 * @throws RiosError BUG_UNEXPECTED when more is spent than was reserved, or more freed than is reserved
 */
export function captureBudget(
  state: BudgetState,
  limits: BudgetLimits,
  { reservedWei, spentWei }: BudgetOutcome,
  now: number,
): { readonly state: BudgetState; readonly alerts: readonly BudgetAlert[] } {
  checkAmount(spentWei);
  if (spentWei > reservedWei || reservedWei > state.reservedWei) {
    throw new RiosError('BUG_UNEXPECTED', `${spentWei} of ${reservedWei} wei do not fit what is reserved`, {
      details: { reservedWei: String(state.reservedWei) },
    });
  }
  const rolled = rollWindows(state, now);
  const day = spendIn(rolled.day, spentWei, limits.day);
  const month = spendIn(rolled.month, spentWei, limits.month);
  const before = { day: rolled.day.alertedPercent, month: rolled.month.alertedPercent };
  const next = { day, month, reservedWei: state.reservedWei - reservedWei };
  return { state: next, alerts: BUDGET_PERIODS.flatMap((period) => alertOf(next, limits, period, before)) };
}

const rollWindows = (state: BudgetState, now: number): BudgetState => ({
  day: windowAt(state.day, 'day', now),
  month: windowAt(state.month, 'month', now),
  reservedWei: state.reservedWei,
});

/** Where the limit was raised, the percent falls, and its alerts can come again. */
function spendIn(window: BudgetWindow, amountWei: bigint, limitWei = 0n): BudgetWindow {
  const spentWei = window.spentWei + amountWei;
  return { ...window, spentWei, alertedPercent: reachedPercent(spentWei, limitWei) };
}

function alertOf(
  state: BudgetState,
  limits: BudgetLimits,
  period: BudgetPeriod,
  before: Readonly<Record<BudgetPeriod, number>>,
): BudgetAlert[] {
  const { spentWei, alertedPercent: percent } = state[period];
  const limitWei = limits[period];
  if (limitWei === undefined || percent === 0 || percent <= before[period]) return [];
  return [{ period, percent, spentWei, limitWei }];
}

function checkAmount(wei: bigint): void {
  if (wei < 0n) throw new RiosError('BUG_UNEXPECTED', `a budget cannot take ${wei} wei`);
}

function overBudget(
  period: BudgetPeriod | 'request',
  missingWei: bigint,
  limitWei: bigint,
  resetsAt?: number,
): RiosError {
  const message = `the budget for one ${period} is ${formatRos(limitWei)}: ${formatRos(missingWei)} are missing`;
  return new RiosError('QUOTA_BUDGET', message, {
    details: {
      period,
      missingWei: String(missingWei),
      limitWei: String(limitWei),
      ...(resetsAt === undefined ? {} : { resetsAt }),
    },
  });
}
