import type { Migration } from './migration.ts';

/** Epochs of a rewards contract, where their workers are paid, and the leaves of the newest ones. Amounts are decimal wei of ROS. */
export const epochs: Migration = {
  version: 94,
  statements: ({ text, integer }) => [
    `CREATE TABLE epochs (
      chain_id ${integer} NOT NULL, rewards ${text} NOT NULL, epoch ${integer} NOT NULL, state ${text} NOT NULL,
      attempt ${integer} NOT NULL, fee_bps ${integer} NOT NULL, from_at ${integer} NOT NULL, to_at ${integer} NOT NULL,
      carried_before_wei ${text} NOT NULL, secret_hex ${text} NOT NULL, closed_at ${integer} NOT NULL,
      built_at ${integer}, root ${text}, receipts_root ${text}, file_sha256 ${text}, file_bytes ${integer},
      payees ${integer}, receipts ${integer}, paid_wei ${text}, earned_wei ${text}, platform_wei ${text},
      carried_wei ${text}, total_wei ${text}, intent_key ${text}, error ${text},
      PRIMARY KEY (chain_id, rewards, epoch))`,
    `CREATE TABLE epoch_workers (
      chain_id ${integer} NOT NULL, rewards ${text} NOT NULL, epoch ${integer} NOT NULL, worker ${text} NOT NULL,
      account ${text} NOT NULL, PRIMARY KEY (chain_id, rewards, epoch, worker))`,
    `CREATE TABLE epoch_leaves (
      chain_id ${integer} NOT NULL, rewards ${text} NOT NULL, epoch ${integer} NOT NULL, account ${text} NOT NULL,
      cumulative_wei ${text} NOT NULL, PRIMARY KEY (chain_id, rewards, epoch, account))`,
  ],
};
