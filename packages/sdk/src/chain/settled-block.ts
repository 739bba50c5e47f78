import { RiosError } from '../errors/error.ts';
import { chainError } from './chain-error.ts';
import type { Chain } from './open-chain.ts';

/**
 * Number of the newest block that counts by the chain's policy; below 0 when none does yet.
 * @throws RiosError CHAIN_UNSUPPORTED when the chain has no finality, CHAIN_*
 */
export async function settledBlock({ provider, policy }: Chain): Promise<number> {
  if (policy.confirmations !== 'finalized') return (await provider.getBlockNumber()) - policy.confirmations;
  const block = await provider.getBlock('finalized').catch((error: unknown) => {
    const known = chainError(error);
    throw known.code === 'CHAIN_UNSUPPORTED' ? noFinality(known) : known;
  });
  if (block === null) throw noFinality();
  return block.number;
}

const noFinality = (cause?: unknown) =>
  new RiosError('CHAIN_UNSUPPORTED', 'the chain does not say which blocks are final', {
    hint: 'Set a number of confirmations in the chain file in place of "finalized".',
    cause,
  });
