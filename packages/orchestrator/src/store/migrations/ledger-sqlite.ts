/**
 * SQLite's integers are too small for wei, so sums go by two limbs of 15 digits. A trigger cannot know who writes:
 * an entry must be what its transfer says, a balance the one before and the entry of a later transfer. Conflict
 * clauses of the writer (OR REPLACE, OR IGNORE) hold inside triggers too; only RAISE is not changed by them.
 */
const LIMB = '1000000000000000';

/** The limbs of decimal text, with its sign. */
const limbsOf = (amount: string) => {
  const digits = `substr('000000000000000000000000000000' || ltrim(${amount}, '-'), -30)`;
  const sign = `CASE WHEN substr(${amount}, 1, 1) = '-' THEN -1 ELSE 1 END`;
  return {
    high: `(${sign} * CAST(substr(${digits}, 1, 15) AS INTEGER))`,
    low: `(${sign} * CAST(substr(${digits}, 16, 15) AS INTEGER))`,
  };
};

const refuse = (why: string, when: string) =>
  `SELECT RAISE(ABORT, 'ledger refused: ${why}') WHERE coalesce(${when}, TRUE);`;

const ACCOUNT = `json_extract(value, '$[0]')`;
const AMOUNT = `json_extract(value, '$[1]')`;
const isOpen = (account: string) => `${account} IN ('platform', 'carry', 'escrow', 'trial', 'settled')`;
const hasName = (
  account: string,
) => `((${account} GLOB 'user:?*' OR ${account} GLOB 'held:?*' OR ${account} GLOB 'worker:?*')
  AND length(${account}) <= 167 AND ${account} NOT GLOB '*[^A-Za-z0-9_.:-]*')`;
const isAmount = (amount: string) => `(${amount} = '0' OR (ltrim(${amount}, '-') GLOB '[1-9]*'
  AND ltrim(${amount}, '-') NOT GLOB '*[^0-9]*' AND length(ltrim(${amount}, '-')) <= 30
  AND ${amount} NOT GLOB '--*'))`;
const isEntry = `(type = 'array' AND json_array_length(value) = 2 AND json_type(value, '$[0]') = 'text'
  AND json_type(value, '$[1]') = 'text' AND (${isOpen(ACCOUNT)} OR ${hasName(ACCOUNT)}) AND ${isAmount(AMOUNT)})`;

const sliceOf = (account: string, id: string) => `CASE WHEN ${isOpen(account)} THEN ${id} % 64 ELSE 0 END`;
const sums = limbsOf(AMOUNT);
const added = limbsOf('NEW.amount_wei');
const checked = limbsOf('amount_wei');

const TRANSFERS = [
  `CREATE TRIGGER ledger_transfers_once BEFORE INSERT ON ledger_transfers BEGIN
    SELECT RAISE(IGNORE) WHERE EXISTS (SELECT 1 FROM ledger_transfers WHERE key = NEW.key OR id = NEW.id);
    ${refuse('entries are a list', `json_valid(NEW.entries_json) = 0 OR json_type(NEW.entries_json) <> 'array'`)}
  END`,
  `CREATE TRIGGER ledger_transfers_post AFTER INSERT ON ledger_transfers BEGIN
    ${refuse('ids ascend', `EXISTS (SELECT 1 FROM ledger_transfers WHERE id > NEW.id) OR NEW.id <= 0`)}
    ${refuse('not at most 256 entries', `json_array_length(NEW.entries_json) > 256`)}
    ${refuse('an entry is none', `EXISTS (SELECT 1 FROM json_each(NEW.entries_json) WHERE coalesce(NOT ${isEntry}, TRUE))`)}
    ${refuse(
      'the sum is not zero',
      `(SELECT coalesce(sum(${sums.low}), 0) <> -coalesce(sum(${sums.high}), 0) * ${LIMB} FROM json_each(NEW.entries_json))`,
    )}
    INSERT INTO ledger_entries (transfer_id, account, amount_wei)
      SELECT NEW.id, ${ACCOUNT}, ${AMOUNT} FROM json_each(NEW.entries_json);
  END`,
];

const ENTRIES = [
  `CREATE TRIGGER ledger_entries_own BEFORE INSERT ON ledger_entries BEGIN
    ${refuse(
      'no transfer says so',
      `NOT EXISTS (SELECT 1 FROM ledger_transfers, json_each(entries_json)
        WHERE ledger_transfers.id = NEW.transfer_id AND ${ACCOUNT} = NEW.account AND ${AMOUNT} = NEW.amount_wei)
      OR EXISTS (SELECT 1 FROM ledger_entries WHERE transfer_id = NEW.transfer_id AND account = NEW.account)`,
    )}
  END`,
  `CREATE TRIGGER ledger_entries_post AFTER INSERT ON ledger_entries BEGIN
    INSERT INTO ledger_balances (account, slice, high, low, transfer_id)
      SELECT NEW.account, ${sliceOf('NEW.account', 'NEW.transfer_id')}, 0, 0, 0 WHERE NOT EXISTS (
        SELECT 1 FROM ledger_balances
        WHERE account = NEW.account AND slice = ${sliceOf('NEW.account', 'NEW.transfer_id')});
    UPDATE ledger_balances SET transfer_id = NEW.transfer_id,
      high = high + ${added.high}
        + CASE WHEN low + ${added.low} < 0 THEN -1 WHEN low + ${added.low} >= ${LIMB} THEN 1 ELSE 0 END,
      low = (low + ${added.low} + ${LIMB}) % ${LIMB}
      WHERE account = NEW.account AND slice = ${sliceOf('NEW.account', 'NEW.transfer_id')};
  END`,
];

const BALANCES = [
  `CREATE TABLE ledger_balances (
    account TEXT NOT NULL, slice INTEGER NOT NULL, high INTEGER NOT NULL, low INTEGER NOT NULL,
    transfer_id INTEGER NOT NULL,
    balance_wei TEXT GENERATED ALWAYS AS (
      CASE WHEN high < 0 AND low > 0 THEN '-' || (-1 - high) || substr('000000000000000' || (${LIMB} - low), -15)
        ELSE high || substr('000000000000000' || low, -15) END) VIRTUAL,
    PRIMARY KEY (account, slice)) STRICT`,
  `CREATE TRIGGER ledger_balances_begin BEFORE INSERT ON ledger_balances BEGIN
    ${refuse(
      'a balance begins with zero',
      `NEW.high <> 0 OR NEW.low <> 0 OR NEW.transfer_id <> 0
      OR EXISTS (SELECT 1 FROM ledger_balances WHERE account = NEW.account AND slice = NEW.slice)`,
    )}
  END`,
  `CREATE TRIGGER ledger_balances_own BEFORE UPDATE ON ledger_balances BEGIN
    ${refuse(
      'no entry says so',
      `NEW.account <> OLD.account OR NEW.slice <> OLD.slice OR NEW.transfer_id <= OLD.transfer_id
      OR NEW.low NOT BETWEEN 0 AND ${LIMB} - 1 OR NEW.high NOT BETWEEN -9 * ${LIMB} AND 9 * ${LIMB}
      OR NEW.slice <> ${sliceOf('NEW.account', 'NEW.transfer_id')}
      OR NOT EXISTS (SELECT 1 FROM ledger_entries WHERE transfer_id = NEW.transfer_id AND account = NEW.account
        AND NEW.low - OLD.low - ${checked.low} = -(NEW.high - OLD.high - ${checked.high}) * ${LIMB})`,
    )}
    SELECT RAISE(ABORT, 'ledger short ' || NEW.account || ' '
        || CASE WHEN NEW.low > 0 THEN (-1 - NEW.high) || substr('000000000000000' || (${LIMB} - NEW.low), -15)
          ELSE -NEW.high || '000000000000000' END)
      WHERE NEW.high < 0 AND NOT ${isOpen('NEW.account')};
  END`,
];

const KEPT = [
  ['ledger_transfers', 'UPDATE'],
  ['ledger_transfers', 'DELETE'],
  ['ledger_entries', 'UPDATE'],
  ['ledger_entries', 'DELETE'],
  ['ledger_balances', 'DELETE'],
] as const;

export const LEDGER_ON_SQLITE: readonly string[] = [
  ...BALANCES,
  ...ENTRIES,
  ...TRANSFERS,
  ...KEPT.map(
    ([
      table,
      change,
    ]) => `CREATE TRIGGER ${table}_keep_${change.toLowerCase()} BEFORE ${change} ON ${table} BEGIN
      SELECT RAISE(ABORT, 'ledger refused: ${change} of ${table}');
    END`,
  ),
];
