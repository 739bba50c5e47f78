import { chainSeconds } from '@rios/sdk/chain/chain-seconds';
import type { Store } from '../store/store.ts';
import type { Followed } from './followed-contracts.ts';
import { readIntent, retryIntent, writeIntent } from './outbox.ts';

const MAX_WEI = 2n ** 256n - 1n;

/** Who sends, and when. */
export interface UpkeepContext {
  readonly store: Store;
  readonly followed: Followed;
  readonly signer: string;
  readonly now: number;
}

/**
 * Lets the rewards contract take what the publisher publishes, once and for all: publishing draws the money of an
 * epoch by it. @throws RiosError CHAIN_*
 */
export async function approveRewards({ store, followed, signer, now }: UpkeepContext): Promise<void> {
  const { chain, contracts } = followed;
  const { token, rewards } = contracts;
  if ((await token.allowance(signer, rewards.address)) >= MAX_WEI / 2n) return;
  const key = `approve:${chain.chainId}:${rewards.address.toLowerCase()}:${signer.toLowerCase()}`;
  const call = {
    ...token.approve(rewards.address, MAX_WEI),
    what: 'Let the rewards contract take what is published',
  };
  await store.transaction().execute(async (tx) => {
    const known = await readIntent(tx, key);
    if (known?.state === 'failed') return retryIntent(tx, key, now);
    await writeIntent(tx, { key, chainId: chain.chainId, signer, call, goal: { kind: 'call' } }, now);
  });
}

/**
 * Lets a waiting root take effect when its time has come; publishing the next one does that too.
 * @throws RiosError CHAIN_*
 */
export async function activateDue({ store, followed, signer, now }: UpkeepContext): Promise<void> {
  const { chain, contracts } = followed;
  const { rewards } = contracts;
  const { epoch, readyAt } = await rewards.pending();
  if (readyAt === 0 || (await chainSeconds(chain)) < readyAt) return;
  const key = `activate:${chain.chainId}:${rewards.address.toLowerCase()}:${epoch}`;
  const call = rewards.activate();
  const goal = { kind: 'activate' as const, epoch };
  await store
    .transaction()
    .execute((tx) => writeIntent(tx, { key, chainId: chain.chainId, signer, call, goal }, now));
}
