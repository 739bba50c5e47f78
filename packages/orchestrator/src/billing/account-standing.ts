import type { Store } from '../store/store.ts';

export interface StandingCheck {
  readonly accountId: string;
  /** All that the account has, reserved included, wei of ROS. */
  readonly balanceWei: bigint;
  readonly now: number;
}

/**
 * In the transaction that reserves: may this account use the network? Money that came since the last look lifts a
 * pause at once.
 * @throws RiosError BILLING_PAUSED when it stood at zero for longer than the grace (details: leftMs)
 */
export async function checkStanding(_tx: Store, _check: StandingCheck): Promise<void> {}
