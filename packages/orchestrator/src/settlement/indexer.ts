import type { Chain } from '@rios/sdk/chain/open-chain';
import { settledBlock } from '@rios/sdk/chain/settled-block';
import { hasCode } from '@rios/sdk/errors/error';
import type { Log } from '@rios/sdk/log';
import {
  addBlocks,
  dropBlocksAbove,
  dropBlocksUpTo,
  listBlocks,
  newestBlock,
  readCursor,
  type StoredBlock,
  writeCursor,
} from '../store/chain-blocks.ts';
import { addSeenEvents, listEscrowEvents, moveEvent, type StoredEscrowEvent } from '../store/chain-events.ts';
import type { Store } from '../store/store.ts';
import { findFork, isOnChain } from './find-fork.ts';
import { type ReadBlocks, readBlocks } from './read-blocks.ts';

export interface IndexerOptions {
  /** Address of the escrow whose events are read. */
  readonly escrow: string;
  /** Where to begin: the block of the escrow's deployment, or any before. */
  readonly fromBlock: number;
  /** So many of the newest blocks are kept: a reorganisation that goes deeper stops the indexer. 256 when left out. */
  readonly keepBlocks?: number;
  /** Blocks read at once; 500 when left out. Halved where the RPC finds that too much. */
  readonly pageBlocks?: number;
}

export interface IndexerModules {
  readonly store: Store;
  readonly chain: Chain;
  readonly log: Log;
  /** A deposit lies deep enough: credit it, under its key. In the transaction that counts it. */
  readonly onDeposit: (tx: Store, event: StoredEscrowEvent) => Promise<void>;
  /** Somebody took his deposit out. */
  readonly onWithdrawal: (tx: Store, event: StoredEscrowEvent) => Promise<void>;
  /** One of the two left the chain: post its opposite, under its key. */
  readonly onReversed: (tx: Store, event: StoredEscrowEvent) => Promise<void>;
}

/** What one step did. `moved`: the chain changed while it was read; the next step goes on. */
export interface IndexStep {
  readonly kind: 'idle' | 'read' | 'reversed' | 'moved';
  readonly counted: number;
}

export interface Indexer {
  /** `<chain id>:<escrow>`: whose blocks and events these are in the store. */
  readonly scope: string;
  /**
   * Takes back what the chain took back, reads on, and counts what lies deep enough.
   * @throws RiosError SETTLEMENT_REORG, CHAIN_*, whatever the callbacks throw: then nothing of that was counted
   */
  step(): Promise<IndexStep>;
}

const KEEP_BLOCKS = 256;
const PAGE_BLOCKS = 500;
/** Events counted in one transaction, and taken back. */
const BATCH = 100;
const ALL = 1_000_000;

interface Indexing extends IndexerModules {
  readonly options: Required<IndexerOptions>;
  readonly scope: string;
  pageBlocks: number;
}

/** Reads deposits and withdrawals block by block; several orchestrators of a store may, each event counts once. */
export function createIndexer(options: IndexerOptions, modules: IndexerModules): Indexer {
  const whole = { keepBlocks: KEEP_BLOCKS, pageBlocks: PAGE_BLOCKS, ...options };
  const scope = `${modules.chain.chainId}:${options.escrow.toLowerCase()}`;
  const indexing: Indexing = { ...modules, options: whole, scope, pageBlocks: whole.pageBlocks };
  return {
    scope,
    step: async () => {
      if (await takeBack(indexing)) return { kind: 'reversed', counted: 0 };
      const kind = await readOn(indexing);
      return { kind, counted: await countSettled(indexing) };
    },
  };
}

/** Finds whether blocks left the chain; reverses what was in them. */
async function takeBack(indexing: Indexing): Promise<boolean> {
  const { store, chain, scope, log } = indexing;
  const newest = await newestBlock(store, scope);
  if (newest === undefined || (await isOnChain(chain, newest))) return false;
  const fork = await findFork(
    chain,
    await listBlocks(store, scope),
    (await readCursor(store, scope)).prunedTo,
  );
  const reversed = await store.transaction().execute((tx) => reverseAbove(tx, indexing, { newest, fork }));
  log.warn('the chain was reorganised', { fork, newest: newest.number, reversed });
  return true;
}

/** The newest comes back first, so that no balance is lower in between than it must be. Gives how many were counted. */
async function reverseAbove(
  tx: Store,
  { scope, onReversed }: Indexing,
  { newest, fork }: { readonly newest: StoredBlock; readonly fork: number },
): Promise<number> {
  if ((await newestBlock(tx, scope))?.hash !== newest.hash) return 0;
  const range = { from: fork + 1, to: newest.number, limit: ALL };
  for (const event of await listEscrowEvents(tx, scope, { ...range, state: 'seen' })) {
    await moveEvent(tx, scope, event, { from: 'seen', to: 'dropped' });
  }
  const counted = await listEscrowEvents(tx, scope, { ...range, state: 'counted' });
  for (const event of counted.toReversed()) {
    await moveEvent(tx, scope, event, { from: 'counted', to: 'reversed' });
    await onReversed(tx, event);
  }
  await dropBlocksAbove(tx, scope, fork);
  const { countedTo, prunedTo } = await readCursor(tx, scope);
  await writeCursor(tx, scope, { countedTo: Math.min(countedTo, fork), prunedTo });
  return counted.length;
}

/** Reads the next blocks, if there are any. */
async function readOn(indexing: Indexing): Promise<'idle' | 'read' | 'moved'> {
  const { store, chain, scope, options } = indexing;
  const newest = await newestBlock(store, scope);
  const from = newest === undefined ? options.fromBlock : newest.number + 1;
  const head = await chain.provider.getBlockNumber();
  if (head < from) return 'idle';
  const to = Math.min(head, from + indexing.pageBlocks - 1);
  const denseFrom = head - options.keepBlocks + 1;
  try {
    const found = await readBlocks(chain, { escrow: options.escrow, from, to, denseFrom, after: newest });
    if (found === undefined) return 'moved';
    const isKept = await store.transaction().execute((tx) => keep(tx, indexing, { newest, found, to }));
    indexing.pageBlocks = Math.min(options.pageBlocks, indexing.pageBlocks * 2);
    return isKept ? 'read' : 'moved';
  } catch (error) {
    const isTooMuch = hasCode(error, 'CHAIN_BAD_ANSWER') || hasCode(error, 'CHAIN_UNSUPPORTED');
    if (!isTooMuch || to === from) throw error;
    indexing.pageBlocks = Math.ceil((to - from + 1) / 2);
    return 'moved';
  }
}

async function keep(
  tx: Store,
  { scope, options }: Indexing,
  { newest, found, to }: { readonly newest: StoredBlock | undefined; found: ReadBlocks; to: number },
): Promise<boolean> {
  // another orchestrator was faster, or went back
  if ((await newestBlock(tx, scope))?.hash !== newest?.hash) return false;
  await addBlocks(tx, scope, found.blocks);
  await addSeenEvents(tx, scope, found.events);
  const { countedTo, prunedTo } = await readCursor(tx, scope);
  const oldest = to - options.keepBlocks;
  if (oldest >= options.fromBlock) await dropBlocksUpTo(tx, scope, oldest);
  const pruned = oldest >= options.fromBlock ? Math.max(prunedTo, oldest) : prunedTo;
  await writeCursor(tx, scope, { countedTo, prunedTo: pruned });
  return true;
}

/** Counts what lies deep enough by the chain's policy. */
async function countSettled(indexing: Indexing): Promise<number> {
  const { store, chain, scope } = indexing;
  const newest = await newestBlock(store, scope);
  const to = Math.min(await settledBlock(chain), newest?.number ?? -1);
  for (let sum = 0; ; ) {
    const counted = await store.transaction().execute((tx) => countSome(tx, indexing, { newest, to }));
    sum += counted;
    if (counted < BATCH) return sum;
  }
}

async function countSome(
  tx: Store,
  { scope, onDeposit, onWithdrawal }: Indexing,
  { newest, to }: { readonly newest: StoredBlock | undefined; readonly to: number },
): Promise<number> {
  if (newest === undefined || (await newestBlock(tx, scope))?.hash !== newest.hash) return 0;
  const events = await listEscrowEvents(tx, scope, { state: 'seen', to, limit: BATCH });
  for (const event of events) {
    await moveEvent(tx, scope, event, { from: 'seen', to: 'counted' });
    await (event.kind === 'deposited' ? onDeposit(tx, event) : onWithdrawal(tx, event));
  }
  const { countedTo, prunedTo } = await readCursor(tx, scope);
  if (events.length < BATCH && to > countedTo) await writeCursor(tx, scope, { countedTo: to, prunedTo });
  return events.length;
}
