import { chainError } from '../chain/chain-error.ts';
import { createContractAccess, numberOf } from '../chain/contract-access.ts';
import type { Chain } from '../chain/open-chain.ts';
import { createRewardsContract, type RewardsHead } from '../chain/rewards-contract.ts';
import { RiosError } from '../errors/error.ts';
import { type EpochEvent, readEpochEvents } from './epoch-events.ts';

/** One publication of an epoch, and what became of it. */
export interface Publication {
  readonly root: string;
  readonly receiptsRoot: string;
  readonly totalWei: bigint;
  /** Seconds since 1970. */
  readonly readyAt: number;
  readonly blockNumber: number;
  readonly transactionHash: string;
  /** waits: it can still be vetoed. counts: claims were or are checked against it. */
  readonly state: 'waits' | 'counts' | 'vetoed';
}

/** What a chain says about an epoch, as of one block. */
export interface PublishedEpochs {
  readonly blockNumber: number;
  /** The platform's share in basis points, as the contract has it. */
  readonly feeBps: number;
  /** Publications of the epoch, oldest first: after a veto it can be published anew. */
  readonly publications: readonly Publication[];
  /** The one of the epoch before that counts. */
  readonly before: Publication | undefined;
}

export interface PublishedWish {
  readonly rewards: string;
  readonly epoch: number;
  readonly fromBlock: number;
}

/**
 * Reads from events what was published, and holds that against what the contract says now.
 * @throws RiosError CHAIN_UNSUPPORTED when the contract is not there, CHAIN_BAD_ANSWER when both differ, CHAIN_*
 */
export async function readPublished(chain: Chain, wish: PublishedWish): Promise<PublishedEpochs> {
  const { rewards, epoch, fromBlock } = wish;
  const blockNumber = await ours(chain.provider.getBlockNumber());
  if ((await ours(chain.provider.getCode(rewards))) === '0x') {
    throw new RiosError('CHAIN_UNSUPPORTED', `there is no contract at ${rewards}, where rewards should be`, {
      details: { contract: 'rewards', address: rewards },
      hint: 'The file names another chain than the RPC is of, or a contract that never was.',
    });
  }
  const events = await readEpochEvents(chain, { ...wish, epochs: [epoch, epoch - 1], toBlock: blockNumber });
  const access = createContractAccess(
    { name: 'rewards', address: rewards, chainId: chain.chainId },
    chain.provider,
  );
  const at: typeof access = {
    ...access,
    read: (method, args) => access.read(method, args, { block: blockNumber }),
  };
  const contract = createRewardsContract(at);
  const [live, pending] = [await contract.live(), await contract.pending()];
  const feeBps = numberOf(await at.read('feeBps', []), 0);
  const publications = publicationsOf(epoch, events, fromBlock);
  const earlier = publicationsOf(epoch - 1, events, fromBlock);
  if (fromBlock === 0) {
    checkState(epoch, publications, live, pending);
    if (epoch > 1) checkState(epoch - 1, earlier, live, pending);
  }
  return { blockNumber, feeBps, publications, before: earlier.find(({ state }) => state === 'counts') };
}

const ours = <T>(call: Promise<T>): Promise<T> =>
  call.catch((error: unknown) => {
    throw chainError(error);
  });

/** Those from `fromBlock` on: of one whose publication lies before it nothing is known. */
function publicationsOf(epoch: number, events: readonly EpochEvent[], fromBlock: number): Publication[] {
  const own = events.filter((event) => event.epoch === epoch);
  const first = fromBlock === 0 ? 0 : own.findIndex(({ published }) => published !== undefined);
  return foldEvents(first === -1 ? [] : own.slice(first));
}

/** What became of each publication of one epoch. Pure. @throws RiosError CHAIN_BAD_ANSWER */
export function foldEvents(events: readonly EpochEvent[]): Publication[] {
  const publications: Publication[] = [];
  for (const { name, root, blockNumber, transactionHash, published } of events) {
    const last = publications.at(-1);
    if (published !== undefined) {
      if (last !== undefined && last.state !== 'vetoed') throw contradiction('an epoch was published twice');
      publications.push({ root, ...published, blockNumber, transactionHash, state: 'waits' });
      continue;
    }
    if (last?.root !== root || last.state !== 'waits') throw contradiction(`${name} without a publication`);
    publications[publications.length - 1] = { ...last, state: name === 'Vetoed' ? 'vetoed' : 'counts' };
  }
  return publications;
}

/** The contract keeps its newest two roots: they must be those that its events tell of. */
function checkState(
  epoch: number,
  publications: readonly Publication[],
  live: RewardsHead,
  pending: RewardsHead,
): void {
  const last = publications.at(-1);
  const waits = pending.readyAt !== 0 && pending.epoch === epoch ? pending : undefined;
  const counts = live.epoch === epoch ? live : undefined;
  const head = waits ?? counts;
  const state = waits !== undefined ? 'waits' : live.epoch >= epoch ? 'counts' : undefined;
  const told = last === undefined || last.state === 'vetoed' ? undefined : last;
  if (told?.state !== state)
    throw contradiction(`epoch ${epoch} ${state ?? 'is nothing'} by its state alone`);
  if (head === undefined || told === undefined) return;
  if (head.root !== told.root || head.total !== told.totalWei)
    throw contradiction(`epoch ${epoch} has another root or total by its state`);
}

const contradiction = (why: string) =>
  new RiosError('CHAIN_BAD_ANSWER', `the RPC contradicts itself about the contract rewards: ${why}`);
