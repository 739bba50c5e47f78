import type { ContainerKind } from '@rios/sdk/billing/container-lines';

/** Tables of migration 092; amounts are decimal wei of ROS. Part of `Database`, with its rules. */
export interface BillingTables {
  price_tables: PriceTablesTable;
  bills: BillsTable;
  bill_lines: BillLinesTable;
  used_quotes: UsedQuotesTable;
  budgets: BudgetsTable;
  account_standings: AccountStandingsTable;
  account_funds: AccountFundsTable;
}

/** Rows are only added; see sdk/billing/price-table.ts. */
export interface PriceTablesTable {
  version: number;
  effective_at: number;
  table_json: string;
  created_at: number;
  /** Account id of who set it. */
  created_by: string;
}

/** `partial`: it ended early, and what was delivered till then is paid. */
export type BillOutcome = 'served' | 'partial' | 'failed';

/** One for each request that reserved something, written as it ends. */
export interface BillsTable {
  request_id: string;
  account_id: string;
  model: string;
  outcome: BillOutcome;
  total_wei: string;
  reserved_wei: string;
  table_version: number;
  quote_id: string | null;
  /** Error code of a request that did not end well. */
  reason: string | null;
  at: number;
}

/** A charge, or a line that costs nothing with its reason. */
export interface BillLinesTable {
  request_id: string;
  /** Counts up from 1 in each bill. */
  line: number;
  /** charge: of a request. cores, memory, gpus: of a container's time; see billing/container-charges.ts. */
  kind: 'charge' | 'refused' | ContainerKind;
  account_id: string;
  /** Peer id. */
  worker: string;
  /** Nonce of the ticket; no two charges are for one. */
  receipt_nonce: string;
  units: number;
  price_wei: string;
  amount_wei: string;
  worker_wei: string;
  platform_wei: string;
  fee_bps: number;
  /** A LineReason. */
  reason: string | null;
  message: string | null;
  /** Of the ledger's capture. */
  transfer_id: number | null;
  /** In which it is settled; null = not yet. */
  epoch: number | null;
  at: number;
}

export interface UsedQuotesTable {
  quote_id: string;
  request_id: string;
  used_at: number;
}

export interface BudgetsTable {
  /** `account:<id>` or `deployment:<id>`. */
  scope: string;
  account_id: string;
  limits_json: string;
  state_json: string;
  updated_at: number;
}

export interface AccountStandingsTable {
  account_id: string;
  standing_json: string;
  updated_at: number;
}

/** Where an account's money came from. What it has is the ledger's word. */
export interface AccountFundsTable {
  account_id: string;
  /** Deposits of its wallets that count, less what was withdrawn. */
  deposited_wei: string;
  /** Trial credit, and what operators gave. */
  credited_wei: string;
  /** What vouchers of its wallets let be collected in all. */
  vouched_wei: string;
  /** What left the escrow that was spent here already. */
  debt_wei: string;
}
