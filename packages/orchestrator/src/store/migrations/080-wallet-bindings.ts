import type { Migration } from './migration.ts';

/**
 * Which wallets a worker has stated to be its operator's, the newest statement of each pair; what was last read of its stake; and the
 * stake that a model asks of its workers. Amounts are decimal wei of ROS.
 */
export const walletBindings: Migration = {
  version: 80,
  statements: ({ text, integer }) => [
    `CREATE TABLE wallet_bindings (
      peer_id ${text} NOT NULL, address ${text} NOT NULL, sequence ${integer} NOT NULL,
      expires_at ${integer} NOT NULL, statement_json ${text} NOT NULL, noted_at ${integer} NOT NULL,
      revoked_up_to ${integer}, PRIMARY KEY (peer_id, address))`,
    `CREATE TABLE worker_stakes (
      peer_id ${text} PRIMARY KEY, registry ${text} NOT NULL, address ${text} NOT NULL, stake_wei ${text} NOT NULL,
      unbonding_wei ${text} NOT NULL, block ${integer} NOT NULL, read_at ${integer} NOT NULL)`,
    `ALTER TABLE models ADD COLUMN wanted_min_stake ${text}`,
  ],
};
