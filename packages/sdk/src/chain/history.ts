import type { Log } from 'ethers';
import { RiosError } from '../errors/error.ts';
import { parseAddress } from './address.ts';
import { chainError } from './chain-error.ts';
import type { ContractAddresses } from './deployment.ts';
import { entryOf, type HistoryEntry, withoutRetold } from './history-entry.ts';
import { type HistoryFilter, historyFilters, workerFilters } from './history-filters.ts';
import type { Chain } from './open-chain.ts';

export type { HistoryEntry, HistoryKind } from './history-entry.ts';

export interface HistoryRange {
  readonly fromBlock: number;
  readonly toBlock: number;
  /** Blocks asked for at once; halved where the RPC finds that too much. */
  readonly pageBlocks: number;
}

/**
 * What the account did and what was done to its money, oldest first, read from the contracts' events page by page.
 * Events of its workers are found from the worker's registration on, so begin before that.
 * @throws RiosError USER_INVALID_REQUEST, CHAIN_BAD_ANSWER when the RPC gives events that were not asked for, CHAIN_*
 */
export async function* readHistory(
  chain: Chain,
  addresses: ContractAddresses,
  account: string,
  { fromBlock, toBlock, pageBlocks }: HistoryRange,
): AsyncGenerator<HistoryEntry, void, undefined> {
  if (!(pageBlocks >= 1) || !(fromBlock >= 0) || toBlock < fromBlock) {
    throw new RiosError(
      'USER_INVALID_REQUEST',
      'a history goes from one block to a later one, in pages of some',
    );
  }
  const owner = parseAddress(account);
  const places = withChecksums(addresses);
  const workers = new Set<string>();
  let size = Math.floor(pageBlocks);
  for (let first = fromBlock; first <= toBlock; ) {
    const last = Math.min(toBlock, first + size - 1);
    const page = await readPage(chain, { addresses: places, owner, workers, first, last });
    if (page === 'too large') {
      size = Math.max(1, Math.floor((last - first + 1) / 2));
      continue;
    }
    yield* await withTimes(chain, page);
    first = last + 1;
  }
}

const withChecksums = ({
  token,
  registry,
  escrow,
  rewards,
  timelock,
}: ContractAddresses): ContractAddresses => ({
  token: parseAddress(token),
  registry: parseAddress(registry),
  escrow: parseAddress(escrow),
  rewards: parseAddress(rewards),
  timelock: parseAddress(timelock),
});

interface Page {
  readonly addresses: ContractAddresses;
  readonly owner: string;
  /** Ids of the account's workers; grows as registrations are found. */
  readonly workers: Set<string>;
  readonly first: number;
  readonly last: number;
}

type Undated = Omit<HistoryEntry, 'at'>;

/** The entries of some blocks in the chain's order. One block that is too large for the RPC ends the history. */
async function readPage(chain: Chain, page: Page): Promise<Undated[] | 'too large'> {
  const { addresses, owner, workers, first, last } = page;
  const read = async (filters: readonly HistoryFilter[]) => {
    const lists = await Promise.all(filters.map((filter) => readLogs(chain, filter, first, last)));
    return lists.flat().flatMap((log) => entryOf(log, addresses, owner) ?? []);
  };
  try {
    const own = await read(historyFilters(addresses, owner));
    for (const { kind, workerId } of own) {
      if (kind === 'worker-registered' && workerId !== undefined) workers.add(workerId);
    }
    const entries = [...own, ...(await read(workerFilters(addresses, [...workers])))];
    return withoutRetold(unique(entries), addresses).sort(
      (a, b) => a.blockNumber - b.blockNumber || a.logIndex - b.logIndex,
    );
  } catch (error) {
    if (last > first && isTooLarge(error)) return 'too large';
    throw chainError(error);
  }
}

/** Every RPC has its own words and its own limit; ours is the bound on an answer. */
function isTooLarge(error: unknown): boolean {
  const { code, message, details } = chainError(error);
  if (code === 'CHAIN_BAD_ANSWER') return details?.maxBytes !== undefined;
  return /too many|more than|limit|too large|range|response size|timeout|timed out/i.test(message);
}

async function readLogs(chain: Chain, filter: HistoryFilter, first: number, last: number): Promise<Log[]> {
  const { address, topics } = filter;
  return chain.provider.getLogs({ address, topics: [...topics], fromBlock: first, toBlock: last });
}

/** A transfer from the account to itself is found twice. */
function unique(entries: readonly Undated[]): Undated[] {
  return [...new Map(entries.map((one) => [`${one.blockHash} ${one.logIndex}`, one])).values()];
}

async function withTimes({ provider }: Chain, entries: readonly Undated[]): Promise<HistoryEntry[]> {
  const times = new Map<number, number>();
  for (const number of new Set(entries.map((entry) => entry.blockNumber))) {
    const block = await provider.getBlock(number).catch((error: unknown) => {
      throw chainError(error);
    });
    if (block === null)
      throw new RiosError('CHAIN_BAD_ANSWER', `the RPC has events of block ${number}, but not the block`);
    times.set(number, block.timestamp * 1000);
  }
  return entries.map((entry) => ({ ...entry, at: times.get(entry.blockNumber) ?? 0 }));
}
