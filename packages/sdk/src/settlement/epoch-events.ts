import { type Log, toBeHex } from 'ethers';
import { chainError } from '../chain/chain-error.ts';
import { rosInterface } from '../chain/interfaces.ts';
import type { Chain } from '../chain/open-chain.ts';
import { wholeResult } from '../chain/whole-result.ts';
import { RiosError } from '../errors/error.ts';

/** One word of RosRewards about an epoch. */
export interface EpochEvent {
  readonly name: 'Published' | 'Activated' | 'Vetoed';
  readonly epoch: number;
  readonly root: string;
  readonly blockNumber: number;
  readonly logIndex: number;
  readonly transactionHash: string;
  /** Of a publication; wei of ROS, and seconds since 1970. */
  readonly published?: { readonly receiptsRoot: string; readonly totalWei: bigint; readonly readyAt: number };
}

export interface EventsWish {
  /** Address of RosRewards. */
  readonly rewards: string;
  readonly epochs: readonly number[];
  readonly fromBlock: number;
  readonly toBlock: number;
}

const NAMES = ['Published', 'Activated', 'Vetoed'] as const;
/** More is said about no epoch: a publication and a veto each cost a transaction of ours. */
const MAX_EVENTS = 10_000;
/** Who lets us ask for so few blocks at once keeps us for ever. */
const MAX_CALLS = 3_000;

/**
 * What the contract said about some epochs, in the chain's order. All blocks are asked for at once, and fewer where
 * the RPC finds that too many.
 * @throws RiosError CHAIN_UNSUPPORTED when they are too few, CHAIN_*
 */
export async function readEpochEvents(chain: Chain, wish: EventsWish): Promise<EpochEvent[]> {
  const events: EpochEvent[] = [];
  let size = wish.toBlock - wish.fromBlock + 1;
  let calls = 0;
  for (let first = wish.fromBlock; first <= wish.toBlock; ) {
    if (++calls > MAX_CALLS) throw tooSlow(first, wish.toBlock);
    const last = Math.min(wish.toBlock, first + size - 1);
    const logs = await readLogs(chain, wish, first, last);
    if (logs === 'too large') {
      size = Math.max(1, Math.floor((last - first + 1) / 2));
      continue;
    }
    events.push(...logs.map(eventOf));
    if (events.length > MAX_EVENTS) throw badAnswer('more happened to an epoch than can have happened');
    first = last + 1;
  }
  return events.sort((a, b) => a.blockNumber - b.blockNumber || a.logIndex - b.logIndex);
}

async function readLogs(
  { provider }: Chain,
  { rewards, epochs }: EventsWish,
  fromBlock: number,
  toBlock: number,
): Promise<Log[] | 'too large'> {
  const topics = [
    NAMES.map((name) => rosInterface('rewards').getEvent(name)?.topicHash ?? ''),
    epochs.map((epoch) => toBeHex(epoch, 32)),
  ];
  try {
    return await provider.getLogs({ address: rewards, topics, fromBlock, toBlock });
  } catch (error) {
    const known = chainError(error);
    if (toBlock > fromBlock && isTooLarge(known)) return 'too large';
    throw known;
  }
}

/** Every RPC has its own words and its own limit; ours is the bound on an answer. */
function isTooLarge({ code, message, details }: RiosError): boolean {
  if (code === 'CHAIN_BAD_ANSWER') return details?.maxBytes !== undefined;
  if (code !== 'CHAIN_UNSUPPORTED') return false;
  return /too many|more than|limit|too large|range|response size|timeout|timed out/i.test(message);
}

function eventOf(log: Log): EpochEvent {
  const { name, args } = parse(log);
  const text = (field: string) => String(args.getValue(field));
  const { blockNumber, index: logIndex, transactionHash } = log;
  const event = { epoch: Number(text('epoch')), root: text('root'), blockNumber, logIndex, transactionHash };
  if (name === 'Activated' || name === 'Vetoed') return { ...event, name };
  const published = {
    receiptsRoot: text('receiptsRoot'),
    totalWei: BigInt(text('total')),
    readyAt: Number(text('readyAt')),
  };
  return { ...event, name: 'Published', published };
}

function parse(log: Log) {
  try {
    const event = rosInterface('rewards').parseLog(log);
    if (event !== null) {
      wholeResult(event.args);
      return event;
    }
  } catch (cause) {
    throw badAnswer('it gave an event that rewards cannot have', cause);
  }
  throw badAnswer('it gave an event that rewards does not have');
}

const tooSlow = (first: number, toBlock: number) =>
  new RiosError('CHAIN_UNSUPPORTED', 'the RPC gives the events of too few blocks at once', {
    details: { block: first, toBlock },
    hint: 'Use another RPC, or begin later: --from-block.',
  });

const badAnswer = (why: string, cause?: unknown) =>
  new RiosError('CHAIN_BAD_ANSWER', `the RPC cannot be right: ${why}`, { cause });
