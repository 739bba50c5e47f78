import type { Chain } from './open-chain.ts';

/** Seconds since 1970 that the next block will have at least: a dev chain may be ahead of the clock. */
export async function chainSeconds({ provider, clock }: Pick<Chain, 'provider' | 'clock'>): Promise<number> {
  const newest = await provider.getBlock('latest');
  return Math.max(newest?.timestamp ?? 0, Math.floor(clock.now() / 1000));
}
