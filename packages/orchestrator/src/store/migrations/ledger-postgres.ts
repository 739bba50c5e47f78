/**
 * `ledger_turns` holds nothing: it is locked by who posts, see store/ledger.ts. `RL001` is a refusal, `RL002` a balance that would fall below zero. Entries and balances are written by
 * `ledger_post` alone: what comes from no trigger is refused.
 */
export const LEDGER_ON_POSTGRES: readonly string[] = [
  `CREATE TABLE ledger_balances (
    account TEXT COLLATE "C" NOT NULL, slice BIGINT NOT NULL, balance_wei NUMERIC(40, 0) NOT NULL,
    PRIMARY KEY (account, slice)) WITH (fillfactor = 50)`,

  `CREATE TABLE ledger_turns (nothing BIGINT)`,

  `CREATE FUNCTION ledger_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN
    RAISE EXCEPTION 'ledger refused: % of %', TG_OP, TG_TABLE_NAME USING ERRCODE = 'RL001';
  END $$`,

  `CREATE FUNCTION ledger_post() RETURNS trigger LANGUAGE plpgsql AS $$
  DECLARE
    entry record;
    has_floor boolean;
    balance numeric;
    total numeric := 0;
    entries jsonb := NEW.entries_json::jsonb;
  BEGIN
    IF (jsonb_typeof(entries) = 'array' AND jsonb_array_length(entries) <= 256) IS NOT TRUE THEN
      RAISE EXCEPTION 'ledger refused: not at most 256 entries' USING ERRCODE = 'RL001';
    END IF;
    FOR entry IN
      SELECT value ->> 0 AS account, value ->> 1 AS amount,
        jsonb_typeof(value -> 0) = 'string' AND jsonb_typeof(value -> 1) = 'string'
          AND jsonb_array_length(value) = 2 AS is_pair
      FROM jsonb_array_elements(entries)
    LOOP
      IF (entry.is_pair AND entry.amount ~ '^(0|-?[1-9][0-9]{0,29})$' AND (
          entry.account ~ '^(user|held|worker):[A-Za-z0-9_.:-]{1,160}$'
          OR entry.account IN ('platform', 'carry', 'escrow', 'trial', 'settled'))) IS NOT TRUE THEN
        RAISE EXCEPTION 'ledger refused: an entry is none' USING ERRCODE = 'RL001';
      END IF;
      total := total + entry.amount::numeric;
    END LOOP;
    IF total <> 0 THEN
      RAISE EXCEPTION 'ledger refused: the sum is not zero' USING ERRCODE = 'RL001';
    END IF;
    FOR entry IN
      SELECT value ->> 0 AS account, value ->> 1 AS amount
      FROM jsonb_array_elements(entries) ORDER BY (value ->> 0) COLLATE "C"
    LOOP
      has_floor := entry.account ~ ':';
      INSERT INTO ledger_entries (transfer_id, account, amount_wei) VALUES (NEW.id, entry.account, entry.amount);
      INSERT INTO ledger_balances AS kept (account, slice, balance_wei)
        VALUES (entry.account, CASE WHEN has_floor THEN 0 ELSE NEW.id % 64 END, entry.amount::numeric)
        ON CONFLICT (account, slice) DO UPDATE SET balance_wei = kept.balance_wei + EXCLUDED.balance_wei
        RETURNING balance_wei INTO balance;
      IF has_floor AND balance < 0 THEN
        RAISE EXCEPTION 'ledger short % %', entry.account, -balance USING ERRCODE = 'RL002';
      END IF;
    END LOOP;
    RETURN NULL;
  END $$`,

  `CREATE TRIGGER ledger_transfers_post AFTER INSERT ON ledger_transfers
    FOR EACH ROW EXECUTE FUNCTION ledger_post()`,
  ...['ledger_transfers', 'ledger_entries'].map(
    (table) => `CREATE TRIGGER ${table}_keep BEFORE UPDATE OR DELETE ON ${table}
      FOR EACH ROW EXECUTE FUNCTION ledger_refuse()`,
  ),
  `CREATE TRIGGER ledger_entries_own BEFORE INSERT ON ledger_entries
    FOR EACH ROW WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION ledger_refuse()`,
  `CREATE TRIGGER ledger_balances_own BEFORE INSERT OR UPDATE ON ledger_balances
    FOR EACH ROW WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION ledger_refuse()`,
  `CREATE TRIGGER ledger_balances_keep BEFORE DELETE ON ledger_balances
    FOR EACH ROW EXECUTE FUNCTION ledger_refuse()`,
  ...['ledger_transfers', 'ledger_entries', 'ledger_balances'].map(
    (table) => `CREATE TRIGGER ${table}_whole BEFORE TRUNCATE ON ${table}
      FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse()`,
  ),
];
