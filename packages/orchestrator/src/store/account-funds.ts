import type { Selectable } from 'kysely';
import type { AccountFundsTable } from './billing-tables.ts';
import type { Store } from './store.ts';

/** Where an account's money came from, wei of ROS; zeros for one that nothing was noted of. */
export interface AccountFunds {
  readonly depositedWei: bigint;
  readonly creditedWei: bigint;
  readonly vouchedWei: bigint;
  readonly debtWei: bigint;
}

const NO_FUNDS: AccountFunds = { depositedWei: 0n, creditedWei: 0n, vouchedWei: 0n, debtWei: 0n };

export async function readFunds(store: Store, accountId: string): Promise<AccountFunds> {
  const row = await store
    .selectFrom('account_funds')
    .selectAll()
    .where('account_id', '=', accountId)
    .executeTakeFirst();
  return row === undefined ? NO_FUNDS : fromRow(row);
}

/** In a transaction with the ledger's: writes what has changed. */
export async function writeFunds(tx: Store, accountId: string, funds: AccountFunds): Promise<void> {
  const values = {
    deposited_wei: String(funds.depositedWei),
    credited_wei: String(funds.creditedWei),
    vouched_wei: String(funds.vouchedWei),
    debt_wei: String(funds.debtWei),
  };
  await tx
    .insertInto('account_funds')
    .values({ account_id: accountId, ...values })
    .onConflict((conflict) => conflict.column('account_id').doUpdateSet(values))
    .execute();
}

const fromRow = (row: Selectable<AccountFundsTable>): AccountFunds => ({
  depositedWei: BigInt(row.deposited_wei),
  creditedWei: BigInt(row.credited_wei),
  vouchedWei: BigInt(row.vouched_wei),
  debtWei: BigInt(row.debt_wei),
});

/** In a transaction with the ledger's: adds to what is noted (below zero: takes off). */
export async function changeFunds(
  tx: Store,
  accountId: string,
  change: Partial<AccountFunds>,
): Promise<void> {
  const { depositedWei = 0n, creditedWei = 0n, vouchedWei = 0n, debtWei = 0n } = change;
  const funds = await readFunds(tx, accountId);
  await writeFunds(tx, accountId, {
    depositedWei: funds.depositedWei + depositedWei,
    creditedWei: funds.creditedWei + creditedWei,
    vouchedWei: funds.vouchedWei + vouchedWei,
    debtWei: funds.debtWei + debtWei,
  });
}
