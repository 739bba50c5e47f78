import type { Generated } from 'kysely';

/** Tables of migration 091. */
export interface SettlementTables {
  chain_intents: ChainIntentsTable;
  chain_transactions: ChainTransactionsTable;
  chain_signers: ChainSignersTable;
  chain_blocks: ChainBlocksTable;
  chain_cursors: ChainCursorsTable;
  chain_events: ChainEventsTable;
}

/** `waiting` has no nonce; `signed` has one, and a transaction that may be on its way; `done` and `failed` are in a block that counts. */
export type IntentState = 'waiting' | 'signed' | 'done' | 'failed';

/** What is to be done on the chain, once per key. */
export interface ChainIntentsTable {
  /** They are sent in this order. */
  id: Generated<number>;
  intent_key: string;
  chain_id: number;
  signer: string;
  kind: string;
  to_address: string;
  data: string;
  what: string;
  /** What must be so on the chain for the intent to be done already. */
  goal_json: string;
  state: IntentState;
  nonce: number | null;
  /** Times that the chain refused it before it was signed. */
  attempts: number;
  due_at: number;
  /** What it cost, or may cost at most while it is on its way. */
  gas_wei: string;
  /** Day since 1970 (UTC) that this counts for; -1 = none. */
  gas_day: number;
  error_json: string | null;
  /** Of the transaction that won; null also when it was done already. */
  hash: string | null;
  block_number: number | null;
  created_at: number;
  changed_at: number;
}

/** Every version that was ever signed; any with the intent's nonce may win. */
export interface ChainTransactionsTable {
  hash: string;
  intent_id: number;
  /** Counts up from 1 per intent. */
  version: number;
  nonce: number;
  raw: string;
  signed_at: number;
}

export interface ChainSignersTable {
  chain_id: number;
  address: string;
  next_nonce: number;
}

/** The newest blocks that were read; `scope` is `<chain id>:<address of the escrow>`. */
export interface ChainBlocksTable {
  scope: string;
  number: number;
  hash: string;
  parent_hash: string;
}

export interface ChainCursorsTable {
  scope: string;
  /** All events up to this block are counted. */
  counted_to: number;
  /** Blocks up to this one are kept no more; -1 = all are. */
  pruned_to: number;
}

/** `seen` lies not deep enough yet; `reversed` was counted, `dropped` was not, when its block left the chain. */
export type ChainEventState = 'seen' | 'counted' | 'reversed' | 'dropped';

export interface ChainEventsTable {
  scope: string;
  block_hash: string;
  transaction_hash: string;
  log_index: number;
  /** How often its block came to the chain. */
  round: number;
  block_number: number;
  kind: string;
  payer: string;
  amount_wei: string;
  state: ChainEventState;
}
