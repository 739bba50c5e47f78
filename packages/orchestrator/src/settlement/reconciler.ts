import type { RosContracts } from '@rios/sdk/chain/contracts';
import type { Clock } from '@rios/sdk/clock';
import { RiosError } from '@rios/sdk/errors/error';
import type { Log } from '@rios/sdk/log';
import { readCursor } from '../store/chain-blocks.ts';
import { sumEscrow } from '../store/chain-events.ts';
import { addEvent } from '../store/events.ts';
import type { Store } from '../store/store.ts';
import { type PublishingStop, readStop, writeStop } from './publishing-stop.ts';
import { type ChainSums, type Difference, type LedgerSums, reconcile, type StoreSums } from './reconcile.ts';
import { sumPublished } from './sum-published.ts';

export interface ReconcilerModules {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly contracts: Pick<RosContracts, 'escrow' | 'rewards' | 'token'>;
  /** The indexer's. */
  readonly scope: string;
  readonly readLedger: (tx: Store) => Promise<LedgerSums>;
}

export interface Reconciler {
  /**
   * Compares ledger and chain as of the newest block whose events are counted. A difference of one wei stops publishing,
   * in the store and so for every orchestrator, until a later comparison finds none.
   * @throws RiosError CHAIN_* when the chain cannot be asked, or the index moved meanwhile: nothing was compared
   */
  run(): Promise<readonly Difference[]>;
}

/** Payers asked about at a time. */
const PARALLEL = 8;

interface Books extends StoreSums {
  readonly block: number;
}

export function createReconciler(modules: ReconcilerModules): Reconciler {
  const { store } = modules;
  return {
    run: async () => {
      const books = await store.transaction().execute((tx) => readBooks(tx, modules));
      const chain = await readChain(modules, books);
      const differences = reconcile(books, chain);
      await store.transaction().execute((tx) => note(tx, modules, books.block, differences));
      return differences;
    },
  };
}

/** One moment of the store. */
async function readBooks(tx: Store, { scope, contracts, readLedger }: ReconcilerModules): Promise<Books> {
  const { countedTo } = await readCursor(tx, scope);
  if (countedTo < 0) {
    throw new RiosError('CHAIN_TIMEOUT', 'no block of the chain is counted yet: there is nothing to compare');
  }
  const published = await sumPublished(tx, contracts.rewards);
  return { ledger: await readLedger(tx), counted: await sumEscrow(tx, scope), published, block: countedTo };
}

/** The escrow as of the block; what is published has no later state that would be right. */
async function readChain({ contracts }: ReconcilerModules, { counted, block }: Books): Promise<ChainSums> {
  const { escrow, rewards, token } = contracts;
  const payers = new Map<string, { balanceWei: bigint; spentWei: bigint }>();
  const addresses = [...counted.keys()];
  for (let index = 0; index < addresses.length; index += PARALLEL) {
    const some = addresses.slice(index, index + PARALLEL);
    const found = await Promise.all(some.map((payer) => escrow.account(payer, { block })));
    for (const [place, { balance, spent }] of found.entries()) {
      payers.set(some[place] ?? '', { balanceWei: balance, spentWei: spent });
    }
  }
  const [live, pending] = await Promise.all([rewards.live(), rewards.pending()]);
  const head = pending.readyAt === 0 ? live : pending;
  return {
    payers,
    escrowTokensWei: await token.balanceOf(escrow.address, { block }),
    publishedWei: head.total,
  };
}

async function note(
  tx: Store,
  { clock, log }: ReconcilerModules,
  block: number,
  differences: readonly Difference[],
): Promise<void> {
  const before = await readStop(tx);
  const at = clock.now();
  const event = { at, subject: 'settlement' };
  const [first] = differences;
  if (first === undefined) {
    if (before === undefined) return;
    await writeStop(tx, undefined);
    await addEvent(tx, { ...event, kind: 'settlement.resumed', message: `equal as of block ${block}` });
    return;
  }
  const stop: PublishingStop = { at, block, differences: differences.map(asText) };
  await writeStop(tx, stop);
  if (before !== undefined) return;
  const message = `publishing stops: ${first.where}: ${first.expectedWei} wei expected, ${first.foundWei} found`;
  await addEvent(tx, { ...event, kind: 'settlement.stopped', message });
  log.error('ledger and chain differ: publishing stops', { block, differences: stop.differences });
}

const asText = ({ where, expectedWei, foundWei }: Difference) => ({
  where,
  expectedWei: String(expectedWei),
  foundWei: String(foundWei),
});
