/** Budgets count by calendar days and months, in UTC. */
export const BUDGET_PERIODS = ['day', 'month'] as const;
export type BudgetPeriod = (typeof BUDGET_PERIODS)[number];

/** At which parts of a budget its owner is told, percent. */
export const ALERT_PERCENTS = [50, 75, 90] as const;
export type AlertPercent = (typeof ALERT_PERCENTS)[number];

/** What was spent in one day or month. */
export interface BudgetWindow {
  readonly startsAt: number;
  /** The first ms of the next one. */
  readonly endsAt: number;
  readonly spentWei: bigint;
  /** The highest alert that was given for what is spent now; 0 for none. */
  readonly alertedPercent: AlertPercent | 0;
}

/** The window that `now` (ms) lies in, with nothing spent. */
export function openWindow(period: BudgetPeriod, now: number): BudgetWindow {
  const date = new Date(now);
  const [year, month, day] = [date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()];
  const [startsAt, endsAt] =
    period === 'day'
      ? [Date.UTC(year, month, day), Date.UTC(year, month, day + 1)]
      : [Date.UTC(year, month, 1), Date.UTC(year, month + 1, 1)];
  return { startsAt, endsAt, spentWei: 0n, alertedPercent: 0 };
}

/**
 * The window to count in at `now`: a new one when this one is over. Windows never go back: while a clock that was set
 * back is before this one, this one stays, so that what is spent is not forgotten.
 */
export function windowAt(window: BudgetWindow, period: BudgetPeriod, now: number): BudgetWindow {
  return now >= window.endsAt ? openWindow(period, now) : window;
}

/** The highest percent of the limit that is reached, 0 for none. A limit of 0 reaches none: it refuses everything. */
export function reachedPercent(spentWei: bigint, limitWei: bigint): AlertPercent | 0 {
  if (limitWei <= 0n) return 0;
  return ALERT_PERCENTS.findLast((percent) => spentWei * 100n >= limitWei * BigInt(percent)) ?? 0;
}
