import type { Migration } from './migration.ts';

/** Whose wallets deposits come from, and what their owners signed to be collected. Amounts are decimal wei of ROS. */
export const vouchers: Migration = {
  version: 93,
  statements: ({ text, integer }) => [
    `CREATE TABLE account_wallets (
      address ${text} PRIMARY KEY, account_id ${text} NOT NULL, statement_json ${text} NOT NULL,
      linked_at ${integer} NOT NULL)`,
    'CREATE INDEX account_wallets_by_account ON account_wallets (account_id)',
    `CREATE TABLE vouchers (
      chain_id ${integer} NOT NULL, escrow ${text} NOT NULL, payer ${text} NOT NULL, cumulative_wei ${text} NOT NULL,
      deadline ${integer} NOT NULL, signature ${text} NOT NULL, signer ${text} NOT NULL, account_id ${text} NOT NULL,
      received_at ${integer} NOT NULL, state ${text} NOT NULL, intent_key ${text}, reason ${text},
      PRIMARY KEY (chain_id, escrow, payer, cumulative_wei))`,
    'CREATE INDEX vouchers_by_state ON vouchers (chain_id, escrow, state, received_at)',
  ],
};
