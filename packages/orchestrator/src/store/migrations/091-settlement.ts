import type { Migration } from './migration.ts';

/**
 * What is to be done on the chain, with every transaction that was signed for it; and what was seen there. Amounts
 * are decimal wei, of ROS in events, of the chain's own coin elsewhere.
 */
export const settlement: Migration = {
  version: 91,
  statements: ({ text, integer, generatedId }) => [
    `CREATE TABLE chain_intents (
      id ${generatedId}, intent_key ${text} NOT NULL UNIQUE, chain_id ${integer} NOT NULL, signer ${text} NOT NULL,
      kind ${text} NOT NULL, to_address ${text} NOT NULL, data ${text} NOT NULL, what ${text} NOT NULL,
      goal_json ${text} NOT NULL, state ${text} NOT NULL, nonce ${integer}, attempts ${integer} NOT NULL,
      due_at ${integer} NOT NULL, gas_wei ${text} NOT NULL, gas_day ${integer} NOT NULL, error_json ${text},
      hash ${text}, block_number ${integer}, created_at ${integer} NOT NULL, changed_at ${integer} NOT NULL,
      UNIQUE (chain_id, signer, nonce))`,
    'CREATE INDEX chain_intents_by_state ON chain_intents (chain_id, signer, state, due_at)',
    'CREATE INDEX chain_intents_by_day ON chain_intents (chain_id, signer, gas_day)',
    `CREATE TABLE chain_transactions (
      hash ${text} PRIMARY KEY, intent_id ${integer} NOT NULL, version ${integer} NOT NULL, nonce ${integer} NOT NULL,
      raw ${text} NOT NULL, signed_at ${integer} NOT NULL, UNIQUE (intent_id, version))`,
    `CREATE TABLE chain_signers (
      chain_id ${integer} NOT NULL, address ${text} NOT NULL, next_nonce ${integer} NOT NULL,
      PRIMARY KEY (chain_id, address))`,
    `CREATE TABLE chain_blocks (
      scope ${text} NOT NULL, number ${integer} NOT NULL, hash ${text} NOT NULL, parent_hash ${text} NOT NULL,
      PRIMARY KEY (scope, number))`,
    `CREATE TABLE chain_cursors (
      scope ${text} PRIMARY KEY, counted_to ${integer} NOT NULL, pruned_to ${integer} NOT NULL)`,
    `CREATE TABLE chain_events (
      scope ${text} NOT NULL, block_hash ${text} NOT NULL, transaction_hash ${text} NOT NULL,
      log_index ${integer} NOT NULL, round ${integer} NOT NULL, block_number ${integer} NOT NULL,
      kind ${text} NOT NULL, payer ${text} NOT NULL, amount_wei ${text} NOT NULL, state ${text} NOT NULL,
      PRIMARY KEY (scope, block_hash, transaction_hash, log_index))`,
    'CREATE INDEX chain_events_by_state ON chain_events (scope, state, block_number)',
  ],
};
