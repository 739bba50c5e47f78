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
  // up to `gone` they left the chain; from `there` on it has them
  let [gone, there] = [-1, blocks.length];
  while (there - gone > 1) {
    const middle = Math.floor((gone + there) / 2);
    const block = blocks[middle];
    if (block !== undefined && (await isOnChain(chain, block))) there = middle;
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

/** @throws RiosError CHAIN_* */
export const isOnChain = async (chain: Chain, { number, hash }: StoredBlock): Promise<boolean> =>
  (await readHeader(chain, number))?.hash === hash;
