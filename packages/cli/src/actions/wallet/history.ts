import type { HistoryEntry, HistoryKind } from '@rios/sdk/chain/history';
import { resolveHome } from '@rios/sdk/config/home';
import type { HistoryRow } from '@rios/sdk/schema/money-results';
import type { OpenedChain } from '../../wallet/open.ts';
import { lastOf, openSentStore, type Sent } from '../../wallet/sent-store.ts';
import { standingOf } from '../../wallet/settle.ts';

export interface HistoryWish {
  /** First block; the last 50,000 when left out, all of a dev chain. */
  readonly fromBlock: number | undefined;
  /** Newest rows that are kept. */
  readonly limit: number;
}

const DEFAULT_BLOCKS = 50_000;
const PAGE_BLOCKS = 2_000;

const WORDS: Record<HistoryKind, string> = {
  received: 'received',
  sent: 'sent',
  deposited: 'deposited',
  collected: 'paid by voucher',
  'exit-started': 'withdrawal begun',
  'exit-cancelled': 'withdrawal cancelled',
  withdrawn: 'withdrawn',
  'session-authorised': 'session key allowed',
  'session-revoked': 'session key revoked',
  'worker-registered': 'worker registered',
  'worker-deregistered': 'worker deregistered',
  staked: 'staked',
  'unbonding-started': 'unstaking begun',
  unbonded: 'unstaked',
  slashed: 'slashed',
  claimed: 'earnings claimed',
};
/** What takes ROS away from the account, or from what it has in a contract. */
const MINUS: ReadonlySet<HistoryKind> = new Set(['sent', 'collected', 'slashed']);

/** What the chain says about an account, oldest first, and what was sent from here and waits still. */
export async function readRows(
  opened: OpenedChain,
  address: string,
  wish: HistoryWish,
): Promise<HistoryRow[]> {
  const { readHistory } = await import('@rios/sdk/chain/history');
  const { chain, contracts } = opened;
  const toBlock = await chain.provider.getBlockNumber();
  const first = chain.policy.isDevChain ? 0 : Math.max(0, toBlock - DEFAULT_BLOCKS);
  const range = { fromBlock: wish.fromBlock ?? first, toBlock, pageBlocks: PAGE_BLOCKS };
  let rows: HistoryRow[] = [];
  for await (const entry of readHistory(chain, contracts.addresses, address, range)) {
    rows.push(rowOf(entry));
    if (rows.length > 2 * wish.limit) rows = rows.slice(-wish.limit);
  }
  const pending = await readPending(opened, address);
  return [...rows, ...pending].slice(-wish.limit);
}

async function readPending(opened: OpenedChain, address: string): Promise<HistoryRow[]> {
  const store = await openSentStore(resolveHome(), opened.chain, address);
  const rows: HistoryRow[] = [];
  for (const sent of await store.list()) {
    if ((await standingOf({ ...opened, address }, sent)) === 'waits') rows.push(pendingRow(sent));
  }
  return rows;
}

function rowOf(entry: HistoryEntry): HistoryRow {
  const { kind, blockNumber, at, transactionHash, amountWei, counterparty } = entry;
  const signed = amountWei === undefined ? null : String(MINUS.has(kind) ? -amountWei : amountWei);
  return {
    state: 'final',
    blockNumber,
    at,
    hash: transactionHash,
    nonce: null,
    what: WORDS[kind],
    amountWei: signed,
    with: counterparty ?? null,
  };
}

function pendingRow(sent: Sent): HistoryRow {
  const { hash, what, to } = lastOf(sent);
  return {
    state: 'pending',
    blockNumber: null,
    at: null,
    hash,
    nonce: sent.nonce,
    what,
    amountWei: null,
    with: to,
  };
}
