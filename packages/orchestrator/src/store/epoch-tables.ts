/** Tables of migration 094; amounts are decimal wei of ROS. Part of `Database`, with its rules. */
export interface EpochTables {
  epochs: EpochsTable;
  epoch_workers: EpochWorkersTable;
  epoch_leaves: EpochLeavesTable;
}

/**
 * `closing`: its lines are marked and change no more. `built`: two processes computed the same, and the intent to
 * publish is written. `stopped`: they did not, or it cannot be built; `error` says why. `vetoed`: the chain took it
 * back, its lines are open again, and its number is used anew.
 */
export type EpochState = 'closing' | 'built' | 'stopped' | 'vetoed';

export interface EpochsTable {
  chain_id: number;
  /** Address of the contract, lower case. */
  rewards: string;
  epoch: number;
  state: EpochState;
  /** Counts up from 1 with each veto. */
  attempt: number;
  fee_bps: number;
  /** When the first and the last of its charges was entered, ms. */
  from_at: number;
  to_at: number;
  carried_before_wei: string;
  /**
   * 32 bytes of this epoch alone: pseudonyms come from it. Not sealed: beside it `bill_lines` say whose each ticket was,
   * which is all that it could tell; who has it without them learns nothing.
   */
  secret_hex: string;
  closed_at: number;
  built_at: number | null;
  root: string | null;
  receipts_root: string | null;
  file_sha256: string | null;
  file_bytes: number | null;
  payees: number | null;
  receipts: number | null;
  paid_wei: string | null;
  earned_wei: string | null;
  platform_wei: string | null;
  carried_wei: string | null;
  total_wei: string | null;
  intent_key: string | null;
  error: string | null;
}

/** Where each worker is paid that earned in an epoch, as it was bound when that closed. */
export interface EpochWorkersTable {
  chain_id: number;
  rewards: string;
  epoch: number;
  /** Peer id. */
  worker: string;
  /** Lower case. */
  account: string;
}

/** All that an account ever earned, as of an epoch; kept for the newest epochs. */
export interface EpochLeavesTable {
  chain_id: number;
  rewards: string;
  epoch: number;
  /** Lower case. */
  account: string;
  cumulative_wei: string;
}
