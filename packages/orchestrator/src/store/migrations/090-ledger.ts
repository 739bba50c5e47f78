import { LEDGER_ON_POSTGRES } from './ledger-postgres.ts';
import { LEDGER_ON_SQLITE } from './ledger-sqlite.ts';
import type { Migration } from './migration.ts';

/**
 * The ledger. One row of `ledger_transfers` is a whole transfer: the store itself checks that its entries add up to
 * zero, writes them out, and keeps the balances; it refuses what would take a user, a reservation or a worker below
 * zero, and every change of a row that is there. This holds for whoever writes, not only for RiOS.
 *
 * A refusal is `ledger short <account> <missing wei>` or `ledger refused: <why>`. Rules, the same on both engines:
 * `entries_json` is `[[account, wei], …]` of at most 256 accounts, each once; wei is decimal text below 10^30 without
 * leading zeros. The five accounts of the network itself have no floor; their balances are in 64 slices, by the id of
 * the transfer.
 */
export const ledger: Migration = {
  version: 90,
  statements: ({ engine, text, integer, generatedId, countInOrder }) => [
    `CREATE TABLE ledger_transfers (
      id ${generatedId}, key ${text} NOT NULL UNIQUE, kind ${text} NOT NULL, at ${integer} NOT NULL,
      ref ${text} NOT NULL, entries_json ${text} NOT NULL, charges_json ${text} NOT NULL)`,
    ...countInOrder('ledger_transfers'),
    `CREATE INDEX ledger_transfers_by_ref ON ledger_transfers (ref)`,
    `CREATE TABLE ledger_entries (
      transfer_id ${integer} NOT NULL REFERENCES ledger_transfers(id), account ${text} NOT NULL,
      amount_wei ${text} NOT NULL, PRIMARY KEY (transfer_id, account))`,
    `CREATE INDEX ledger_entries_by_account ON ledger_entries (account, transfer_id)`,
    ...(engine === 'sqlite' ? LEDGER_ON_SQLITE : LEDGER_ON_POSTGRES),
  ],
};
