import type { Chain } from '@rios/sdk/chain/open-chain';
import { RiosError } from '@rios/sdk/errors/error';
import type { StoredBlock } from '../store/chain-blocks.ts';
import { readHeader } from './read-blocks.ts';

/**
 * Number of the newest stored block that the chain still has; -1 when it has none and all blocks ever read are stored.
 * Asks for few blocks: what a chain has is the beginning of what was stored.
 * @param blocks the newest first
 * @param prunedTo blocks up to here were read and are stored no more; -1 = none
 * @throws RiosError SETTLEMENT_REORG when the fork lies before the stored blocks, CHAIN_*
 */
export async function findFork(
  chain: Chain,
  blocks: readonly StoredBlock[],
  prunedTo: number,
): Promise<number> {
  const isThere = async (block: StoredBlock | undefined) =>
    block !== undefined && (await readHeader(chain, block.number))?.hash === block.hash;
  if (await isThere(blocks[0])) return blocks[0]?.number ?? -1;
  let [gone, there] = [0, blocks.length];
  while (there - gone > 1) {
    const middle = Math.floor((gone + there) / 2);
    if (await isThere(blocks[middle])) there = middle;
    else gone = middle;
  }
  const fork = blocks[there]?.number;
  if (fork !== undefined) return fork;
  const oldest = blocks.at(-1);
  if (prunedTo < 0 || oldest === undefined) return -1;
  throw new RiosError(
    'SETTLEMENT_REORG',
    `the chain was reorganised before block ${oldest.number}, the oldest that is kept`,
    { details: { oldest: oldest.number, newest: blocks[0]?.number, kept: blocks.length } },
  );
}
