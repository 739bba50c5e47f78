import { join } from 'node:path';
import type { Clock } from '@rios/sdk/clock';
import { getBytes, Wallet } from 'ethers';
import { createDevChain, type DevChainOptions } from '../../src/chain/create-dev-chain.ts';
import type { DevChain, RpcAnswer } from '../../src/chain/dev-chain.ts';
import { createManualClock } from '../support/manual-clock.ts';

/** Has coin from the beginning. */
export const RICH = new Wallet(`0x${'11'.repeat(32)}`);
export const RECEIVER = '0x00000000000000000000000000000000000beef1';
const CHAIN_ID = 31_337;

export const chainOptions = (folder: string, over: Partial<DevChainOptions> = {}): DevChainOptions => ({
  journalFile: join(folder, 'chain.journal'),
  chainId: CHAIN_ID,
  accounts: [{ address: getBytes(RICH.address), balance: 10n ** 24n }],
  storeId: 'store_0000000000',
  ...over,
});

export const openChain = (
  folder: string,
  over: Partial<DevChainOptions> = {},
  clock: Clock = createManualClock(),
): Promise<DevChain> => createDevChain(chainOptions(folder, over), clock);

/** One wei to the receiver, signed. */
export const signTransfer = (nonce: number): Promise<string> =>
  RICH.signTransaction({
    type: 2,
    chainId: CHAIN_ID,
    nonce,
    to: RECEIVER,
    value: 1n,
    gasLimit: 21_000,
    maxFeePerGas: 10n ** 10n,
    maxPriorityFeePerGas: 1n,
  });

export const sendRaw = (chain: DevChain, raw: string): Promise<RpcAnswer> =>
  chain.request({ method: 'eth_sendRawTransaction', params: [raw] });

/** Sends so many transfers from that nonce on. */
export async function sendTransfers(chain: DevChain, from: number, count: number): Promise<void> {
  for (let nonce = from; nonce < from + count; nonce++) {
    const answer = await sendRaw(chain, await signTransfer(nonce));
    if ('error' in answer) throw new Error(`${nonce}: ${answer.error.message}`);
  }
}

/** The result of a call that must succeed. */
export async function ask(chain: DevChain, method: string, ...params: unknown[]): Promise<unknown> {
  const answer = await chain.request({ method, params });
  if ('error' in answer) throw new Error(`${method}: ${answer.error.message}`);
  return answer.result;
}
