import type { Clock } from '@rios/sdk/clock';
import { RiosError, toRiosError } from '@rios/sdk/errors/error';
import type { RpcAnswer } from './dev-chain.ts';
import type { ChainEngine } from './edr-engine.ts';
import type { Journal } from './journal.ts';

export interface Block {
  readonly height: number;
  readonly hash: string;
  readonly timestamp: number;
}

export async function readBlock(engine: ChainEngine, tag: string): Promise<Block> {
  const answer = await engine.request({ method: 'eth_getBlockByNumber', params: [tag, false] });
  if ('error' in answer) throw new RiosError('BUG_UNEXPECTED', `the dev chain has no block ${tag}`);
  const { number, hash, timestamp } = answer.result as { number: string; hash: string; timestamp: string };
  return { height: Number(number), hash, timestamp: Number(timestamp) };
}

/** Makes the block of that time: with the transaction, or empty. */
export async function mine(engine: ChainEngine, timestamp: number, raw: string | null): Promise<RpcAnswer> {
  await engine.request({ method: 'evm_setNextBlockTimestamp', params: [timestamp] });
  return raw === null
    ? engine.request({ method: 'evm_mine', params: [] })
    : engine.request({ method: 'eth_sendRawTransaction', params: [raw] });
}

/** Makes the blocks of a chain and keeps each in the journal. Not for two callers at once. */
export interface BlockMaker {
  /** A block with that signed transaction, or an empty one. @throws RiosError when it could not be kept */
  add(raw: string | null): Promise<RpcAnswer>;
  /** Moves the time of the next block on; gives how far it is ahead of the clock, seconds; undefined = too far. */
  advance(seconds: number): Promise<number | undefined>;
  /** Resolves when a block could not be kept: the engine has it, the journal does not. */
  readonly failed: Promise<RiosError>;
}

/** A hundred years: dates stay dates. */
const MAX_AHEAD_SECONDS = 3_155_760_000;

export async function createBlockMaker(
  engine: ChainEngine,
  journal: Journal,
  clock: Clock,
): Promise<BlockMaker> {
  const failed = Promise.withResolvers<RiosError>();
  /** How far the chain's time is ahead of the clock, seconds. */
  let ahead = 0;
  const nowSeconds = () => Math.floor(clock.now() / 1000);
  /** A chain of many blocks in one second runs ahead too: each has a time of its own. */
  const readAhead = async () => Math.max(ahead, (await readBlock(engine, 'latest')).timestamp - nowSeconds());
  ahead = await readAhead();
  return {
    failed: failed.promise,
    add: async (raw) => {
      const before = await readBlock(engine, 'latest');
      const timestamp = Math.max(before.timestamp + 1, nowSeconds() + ahead);
      const answer = await mine(engine, timestamp, raw);
      const after = await readBlock(engine, 'latest');
      if (after.height === before.height) return answer;
      try {
        await journal.append({ timestamp, raw, hash: after.hash });
      } catch (error) {
        const failure = toRiosError(error);
        failed.resolve(failure);
        throw failure;
      }
      return answer;
    },
    advance: async (seconds) => {
      const next = (await readAhead()) + seconds;
      if (next > MAX_AHEAD_SECONDS) return undefined;
      ahead = next;
      return ahead;
    },
  };
}
