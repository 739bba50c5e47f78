import { formatRos } from '@rios/sdk/chain/amounts';
import { RiosError } from '@rios/sdk/errors/error';
import { type AccountFunds, readFunds } from '../store/account-funds.ts';
import type { Store } from '../store/store.ts';

/** So much of its deposits an account may spend before a voucher for it is due, wei of ROS. */
export const VOUCHER_LIMIT_WEI = 10n ** 18n;

/** What an account has, wei of ROS. */
export interface AccountHas {
  readonly balanceWei: bigint;
  /** Reserved for requests. */
  readonly heldWei: bigint;
}

/** What was spent of all that an account ever had, and for how much of it no voucher is there yet; wei of ROS. Pure. */
export function spentOf(
  funds: AccountFunds,
  { balanceWei, heldWei }: AccountHas,
): { spentWei: bigint; dueWei: bigint } {
  const spentWei = atLeastZero(funds.depositedWei + funds.creditedWei - balanceWei - heldWei);
  const spentDepositWei = atLeastZero(spentWei - funds.creditedWei);
  return { spentWei, dueWei: atLeastZero(spentDepositWei - funds.vouchedWei) };
}

const atLeastZero = (wei: bigint): bigint => (wei > 0n ? wei : 0n);

/**
 * Refuses an account that spent more of its deposits than it signed vouchers for: those may leave the escrow, and then
 * nobody pays. Call in the transaction that reserves. @throws RiosError BILLING_VOUCHER_DUE (details.dueWei)
 */
export async function checkVoucherLimit(
  tx: Store,
  { accountId, ...has }: AccountHas & { readonly accountId: string },
): Promise<void> {
  const { dueWei } = spentOf(await readFunds(tx, accountId), has);
  if (dueWei <= VOUCHER_LIMIT_WEI) return;
  throw new RiosError(
    'BILLING_VOUCHER_DUE',
    `${formatRos(dueWei)} of the deposit are spent and not signed for`,
    {
      details: { dueWei: String(dueWei), limitWei: String(VOUCHER_LIMIT_WEI) },
    },
  );
}
