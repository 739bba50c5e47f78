import { parseAddress } from './address.ts';
import { formatRos } from './amounts.ts';
import { bigintOf, type ContractAccess, type ReadAt } from './contract-access.ts';
import type { TransactionCall } from './prepared-transaction.ts';

/** RosToken. Amounts in wei of ROS. What changes something gives a call: nothing is sent by it. */
export interface TokenContract {
  readonly address: string;
  readonly chainId: number;
  balanceOf(account: string, at?: ReadAt): Promise<bigint>;
  allowance(owner: string, spender: string): Promise<bigint>;
  /** Of the next permit. */
  nonces(owner: string): Promise<bigint>;
  totalSupply(): Promise<bigint>;
  transfer(to: string, amount: bigint): TransactionCall;
  approve(spender: string, amount: bigint): TransactionCall;
}

export function createTokenContract({ address, chainId, read, call }: ContractAccess): TokenContract {
  return {
    address,
    chainId,
    balanceOf: async (account, at) => bigintOf(await read('balanceOf', [account], at), 0),
    allowance: async (owner, spender) => bigintOf(await read('allowance', [owner, spender]), 0),
    nonces: async (owner) => bigintOf(await read('nonces', [owner]), 0),
    totalSupply: async () => bigintOf(await read('totalSupply', []), 0),
    transfer: (to, amount) => {
      const receiver = parseAddress(to);
      return call('transfer', [receiver, amount], `Send ${formatRos(amount)} to ${receiver}`, amount);
    },
    approve: (spender, amount) =>
      call('approve', [parseAddress(spender), amount], `Let ${spender} take ${formatRos(amount)}`, amount),
  };
}
