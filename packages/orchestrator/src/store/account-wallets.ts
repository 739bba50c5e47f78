import type { Selectable } from 'kysely';
import type { Store } from './store.ts';
import type { AccountWalletsTable } from './voucher-tables.ts';

/** A wallet whose deposits are an account's. */
export interface AccountWallet {
  /** Checksummed. */
  readonly address: string;
  readonly accountId: string;
  readonly linkedAt: number;
}

/** Undefined while nobody linked it. @param address checksummed */
export async function findAccountWallet(store: Store, address: string): Promise<AccountWallet | undefined> {
  const row = await store
    .selectFrom('account_wallets')
    .selectAll()
    .where('address', '=', address)
    .executeTakeFirst();
  return row === undefined ? undefined : fromRow(row);
}

/** Those of an account, in the order of linking. */
export async function listAccountWallets(store: Store, accountId: string): Promise<AccountWallet[]> {
  const rows = await store
    .selectFrom('account_wallets')
    .selectAll()
    .where('account_id', '=', accountId)
    .orderBy('linked_at')
    .orderBy('address')
    .execute();
  return rows.map(fromRow);
}

/** @throws RiosError CONFLICT_EXISTS when it is linked already */
export async function addAccountWallet(
  tx: Store,
  { address, accountId, linkedAt }: AccountWallet,
  statementJson: string,
): Promise<void> {
  await tx
    .insertInto('account_wallets')
    .values({ address, account_id: accountId, statement_json: statementJson, linked_at: linkedAt })
    .execute();
}

const fromRow = (row: Selectable<AccountWalletsTable>): AccountWallet => ({
  address: row.address,
  accountId: row.account_id,
  linkedAt: row.linked_at,
});
