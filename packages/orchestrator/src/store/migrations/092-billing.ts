import type { Migration } from './migration.ts';

/**
 * What users pay for, line by line, and the rules of each account's money. Amounts are decimal wei of ROS. The money
 * itself is in the ledger alone (090): these tables say why it moved, and change in the same transactions.
 */
export const billing: Migration = {
  version: 92,
  statements: ({ text, integer }) => [
    `CREATE TABLE price_tables (
      version ${integer} PRIMARY KEY, effective_at ${integer} NOT NULL, table_json ${text} NOT NULL,
      created_at ${integer} NOT NULL, created_by ${text} NOT NULL)`,
    `CREATE TABLE bills (
      request_id ${text} PRIMARY KEY, account_id ${text} NOT NULL, model ${text} NOT NULL, outcome ${text} NOT NULL,
      total_wei ${text} NOT NULL, reserved_wei ${text} NOT NULL, table_version ${integer} NOT NULL, quote_id ${text},
      reason ${text}, at ${integer} NOT NULL)`,
    'CREATE INDEX bills_by_account ON bills (account_id, at, request_id)',
    `CREATE TABLE bill_lines (
      request_id ${text} NOT NULL REFERENCES bills(request_id), line ${integer} NOT NULL, kind ${text} NOT NULL,
      account_id ${text} NOT NULL, worker ${text} NOT NULL, receipt_nonce ${text} NOT NULL, units ${integer} NOT NULL,
      price_wei ${text} NOT NULL, amount_wei ${text} NOT NULL, worker_wei ${text} NOT NULL,
      platform_wei ${text} NOT NULL, fee_bps ${integer} NOT NULL, reason ${text}, message ${text},
      transfer_id ${integer}, epoch ${integer}, at ${integer} NOT NULL, PRIMARY KEY (request_id, line))`,
    `CREATE UNIQUE INDEX bill_lines_once ON bill_lines (receipt_nonce) WHERE kind = 'charge'`,
    'CREATE INDEX bill_lines_by_worker ON bill_lines (worker, at)',
    'CREATE INDEX bill_lines_by_epoch ON bill_lines (epoch, fee_bps, transfer_id)',
    `CREATE TABLE used_quotes (
      quote_id ${text} PRIMARY KEY, request_id ${text} NOT NULL, used_at ${integer} NOT NULL)`,
    `CREATE TABLE budgets (
      scope ${text} PRIMARY KEY, account_id ${text} NOT NULL, limits_json ${text} NOT NULL, state_json ${text} NOT NULL,
      updated_at ${integer} NOT NULL)`,
    `CREATE TABLE account_standings (
      account_id ${text} PRIMARY KEY, standing_json ${text} NOT NULL, updated_at ${integer} NOT NULL)`,
    `CREATE TABLE account_funds (
      account_id ${text} PRIMARY KEY, deposited_wei ${text} NOT NULL, credited_wei ${text} NOT NULL,
      vouched_wei ${text} NOT NULL, debt_wei ${text} NOT NULL)`,
  ],
};
