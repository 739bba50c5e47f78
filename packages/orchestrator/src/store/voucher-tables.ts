/** Tables of migration 093; amounts are decimal wei of ROS. Part of `Database`, with its rules. */
export interface VoucherTables {
  account_wallets: AccountWalletsTable;
  vouchers: VouchersTable;
}

/** Which account a wallet's deposits are for, by the wallet's own signature. */
export interface AccountWalletsTable {
  /** Checksummed. */
  address: string;
  account_id: string;
  statement_json: string;
  linked_at: number;
}

/** `kept` is to be collected; `sent` is in an intent; `collected`, `stale` (a higher one was), `refused` with a reason. */
export type VoucherState = 'kept' | 'sent' | 'collected' | 'stale' | 'refused';

export interface VouchersTable {
  chain_id: number;
  /** Address of the contract. */
  escrow: string;
  payer: string;
  cumulative_wei: string;
  /** Seconds since 1970. */
  deadline: number;
  signature: string;
  signer: string;
  account_id: string;
  received_at: number;
  state: VoucherState;
  intent_key: string | null;
  reason: string | null;
}
