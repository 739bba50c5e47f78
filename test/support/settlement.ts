import type { Chain } from '@rios/sdk/chain/open-chain';
import {
  prepareTransaction,
  sendTransaction,
  type TransactionCall,
  waitForTransaction,
} from '@rios/sdk/chain/transaction';
import type { BaseWallet } from 'ethers';
import type { StoredEscrowEvent } from '../../packages/orchestrator/src/store/chain-events.ts';
import { getNetworkFact, putNetworkFact } from '../../packages/orchestrator/src/store/network.ts';
import type { Store } from '../../packages/orchestrator/src/store/store.ts';

/** Makes a call of one's own, past every outbox; gives the signed bytes. */
export async function act(chain: Chain, wallet: BaseWallet, call: TransactionCall): Promise<string> {
  const prepared = await prepareTransaction(chain, wallet.address, call);
  const { hash, raw } = await sendTransaction(chain, wallet, prepared, { onSigned: () => {} });
  await waitForTransaction(chain, hash, { timeoutMs: 10_000 });
  return raw;
}

const MAX_STEPS = 100;

/** Steps until nothing is left to do; gives what each did. */
export async function stepAll({ step }: { step(): Promise<{ readonly kind: string }> }): Promise<string[]> {
  const kinds: string[] = [];
  while (kinds.length < MAX_STEPS) {
    const { kind } = await step();
    if (kind === 'idle') return kinds;
    kinds.push(kind);
  }
  throw new Error(`it is not done after ${MAX_STEPS} steps: ${kinds.join(', ')}`);
}

const BALANCE = 'test balance';
const POSTED = 'test postings';

/** Books in the store itself: one balance, and the keys of what was posted, in order. */
export const books = {
  post: async (tx: Store, event: StoredEscrowEvent, sign: 1n | -1n): Promise<void> => {
    const balance = BigInt((await getNetworkFact(tx, BALANCE)) ?? 0) + sign * event.amountWei;
    await putNetworkFact(tx, BALANCE, String(balance));
    const posted = (await getNetworkFact(tx, POSTED)) ?? '';
    await putNetworkFact(tx, POSTED, `${posted}${sign > 0n ? '+' : '-'}${event.key}\n`);
  },
  balance: async (store: Store): Promise<bigint> => BigInt((await getNetworkFact(store, BALANCE)) ?? 0),
  posted: async (store: Store): Promise<string[]> =>
    ((await getNetworkFact(store, POSTED)) ?? '').split('\n').filter((line) => line !== ''),
};
