import type { Generated } from 'kysely';

/** The tables of the ledger, as Kysely sees them; part of `Database`. Rules as there; migration 090 guards them. */
export interface LedgerTables {
  ledger_transfers: LedgerTransfersTable;
  ledger_entries: LedgerEntriesTable;
  ledger_balances: LedgerBalancesTable;
}

/** Rows are only added. Adding one makes its entries and changes the balances, or is refused. */
export interface LedgerTransfersTable {
  id: Generated<number>;
  key: string;
  kind: string;
  at: number;
  ref: string;
  /** `[[account, wei], …]` by account, wei as decimal text; the sum is zero. */
  entries_json: string;
  charges_json: string;
}

/** Written by the store itself, from transfers. */
export interface LedgerEntriesTable {
  transfer_id: number;
  account: string;
  amount_wei: string;
}

/** Written by the store itself, from entries. */
export interface LedgerBalancesTable {
  account: string;
  /** Accounts that every transfer touches are kept in slices, so that transfers do not wait for each other. */
  slice: number;
  /** Decimal. */
  balance_wei: string;
}
