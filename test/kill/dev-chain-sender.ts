import { HDNodeWallet } from 'ethers';
import { callRpc } from '../support/json-rpc.ts';

/** A transaction that the chain acknowledged. */
export interface Acknowledged {
  readonly hash: string;
  readonly nonce: number;
  readonly from: string;
}

const RECEIVER = '0x00000000000000000000000000000000000beef1';
const CHAIN_ID = 31_337;

/** The last accounts of a mnemonic that have coin: their nonces are nobody else's. */
export const sendersOf = (mnemonic: string): HDNodeWallet[] =>
  [6, 7, 8].map((index) => HDNodeWallet.fromPhrase(mnemonic, '', `m/44'/60'/0'/0/${index}`));

/** How many transactions of an account are in blocks. */
export async function countOf(rpcUrl: string, address: string): Promise<number> {
  const { result } = await callRpc(rpcUrl, 'eth_getTransactionCount', [address, 'latest']);
  return Number(result);
}

/** Sends one transfer after the other until the chain does not answer any more. */
export async function sendUntilGone(
  rpcUrl: string,
  sender: HDNodeWallet,
  onAcknowledged: (one: Acknowledged) => void,
): Promise<void> {
  try {
    for (let nonce = await countOf(rpcUrl, sender.address); ; nonce++) {
      const raw = await sender.signTransaction({
        type: 2,
        chainId: CHAIN_ID,
        nonce,
        to: RECEIVER,
        value: 1n,
        gasLimit: 21_000,
        maxFeePerGas: 10n ** 10n,
        maxPriorityFeePerGas: 1n,
      });
      const { result, error } = await callRpc(rpcUrl, 'eth_sendRawTransaction', [raw]);
      if (error !== undefined) throw new Error(`refused: ${error.message}`, { cause: 'refused' });
      onAcknowledged({ hash: String(result), nonce, from: sender.address });
    }
  } catch (error) {
    if (error instanceof Error && error.cause === 'refused') throw error;
  }
}
