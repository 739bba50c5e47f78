import { chainError } from '@rios/sdk/chain/chain-error';
import type { Chain } from '@rios/sdk/chain/open-chain';
import { RiosError } from '@rios/sdk/errors/error';
import type { StoredBlock } from '../store/chain-blocks.ts';
import type { EscrowEvent } from '../store/chain-events.ts';
import { createEscrowEventReader } from './escrow-events.ts';

/** Headers that are asked for at a time. */
const PARALLEL = 8;

export interface BlockRange {
  readonly escrow: string;
  /** Both included. */
  readonly from: number;
  readonly to: number;
  /** From here on each block is read; before it, those with events and the last. */
  readonly denseFrom: number;
  /** The block that `from` must follow; undefined = any. */
  readonly after: StoredBlock | undefined;
}

/** Blocks that hang together, and the events in them. */
export interface ReadBlocks {
  /** Ascending. */
  readonly blocks: readonly StoredBlock[];
  readonly events: readonly EscrowEvent[];
}

/**
 * Reads some blocks and the escrow's events in them. Undefined when they do not fit together: the chain was
 * reorganised while it was read, and the next look sees where. @throws RiosError CHAIN_*
 */
export async function readBlocks(chain: Chain, range: BlockRange): Promise<ReadBlocks | undefined> {
  const { escrow, from, to, denseFrom, after } = range;
  const reader = createEscrowEventReader();
  const filter = { address: escrow, topics: reader.topics, fromBlock: from, toBlock: to };
  const logs = await chain.provider.getLogs(filter).catch((error: unknown) => {
    throw chainError(error);
  });
  const events = logs.map(reader.read);
  const wanted = new Set([...events.map(({ blockNumber }) => blockNumber), to]);
  for (let number = Math.max(from, denseFrom); number <= to; number++) wanted.add(number);
  const blocks = await readHeaders(
    chain,
    [...wanted].toSorted((a, b) => a - b),
  );
  if (blocks === undefined || !hangTogether([...(after === undefined ? [] : [after]), ...blocks]))
    return undefined;
  const hashes = new Map(blocks.map(({ number, hash }) => [number, hash]));
  if (events.some(({ blockNumber, blockHash }) => hashes.get(blockNumber) !== blockHash)) return undefined;
  return { blocks, events };
}

async function readHeaders(chain: Chain, numbers: readonly number[]): Promise<StoredBlock[] | undefined> {
  const blocks: StoredBlock[] = [];
  for (let index = 0; index < numbers.length; index += PARALLEL) {
    const found = await Promise.all(
      numbers.slice(index, index + PARALLEL).map((number) => readHeader(chain, number)),
    );
    for (const block of found) {
      if (block === undefined) return undefined;
      blocks.push(block);
    }
  }
  return blocks;
}

/** Undefined when the chain has no such block (any more). @throws RiosError CHAIN_* */
export async function readHeader({ provider }: Chain, number: number): Promise<StoredBlock | undefined> {
  const block = await provider.getBlock(number).catch((error: unknown) => {
    throw chainError(error);
  });
  if (block === null) return undefined;
  if (block.hash !== null) return { number, hash: block.hash, parentHash: block.parentHash };
  throw new RiosError('CHAIN_BAD_ANSWER', `the RPC gave a block ${number} without a hash`);
}

/** Each names the one before it as its parent, where both are known. */
const hangTogether = (blocks: readonly StoredBlock[]): boolean =>
  blocks.every((block, index) => {
    const before = blocks[index - 1];
    return before === undefined || before.number !== block.number - 1 || before.hash === block.parentHash;
  });
