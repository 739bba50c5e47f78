import { AbiCoder, keccak256, ZeroAddress } from 'ethers';
import { parseAddress } from './address.ts';
import { formatRos } from './amounts.ts';
import { bigintOf, type ContractAccess, numberOf, type ReadAt, textOf } from './contract-access.ts';
import type { PermitSignature } from './permit.ts';
import type { TransactionCall } from './prepared-transaction.ts';

/** A worker's entry; amounts in wei of ROS. */
export interface RegisteredWorker {
  /** Where earnings go; undefined = not registered. */
  readonly payout: string | undefined;
  readonly stake: bigint;
  readonly unbonding: bigint;
  /** Seconds since 1970: when `unbonding` may be withdrawn. */
  readonly unbondAt: number;
}

/** WorkerRegistry. `peerHash` as of peerHashOf. What changes something gives a call: nothing is sent by it. */
export interface RegistryContract {
  readonly address: string;
  readonly chainId: number;
  /** Id of an operator's worker, as the contract computes it. */
  idOf(operator: string, peerHash: string): string;
  worker(workerId: string, at?: ReadAt): Promise<RegisteredWorker>;
  /** Seconds. */
  unbondPeriod(): Promise<number>;
  register(peerHash: string, payout: string): TransactionCall;
  deregister(peerHash: string): TransactionCall;
  changePayout(peerHash: string, payout: string): TransactionCall;
  stake(peerHash: string, amount: bigint): TransactionCall;
  stakeWithPermit(peerHash: string, permit: PermitSignature): TransactionCall;
  requestUnbond(peerHash: string, amount: bigint): TransactionCall;
  withdraw(peerHash: string): TransactionCall;
}

/** keccak256(abi.encode(operator, peerHash)): WorkerRegistry.idOf. */
export const workerIdOf = (operator: string, peerHash: string): string =>
  keccak256(AbiCoder.defaultAbiCoder().encode(['address', 'bytes32'], [parseAddress(operator), peerHash]));

export function createRegistryContract({ address, chainId, read, call }: ContractAccess): RegistryContract {
  return {
    address,
    chainId,
    idOf: workerIdOf,
    worker: async (workerId, at) => {
      const found = await read('workers', [workerId], at);
      const payout = textOf(found, 'payout');
      return {
        payout: payout === ZeroAddress ? undefined : payout,
        stake: bigintOf(found, 'stake'),
        unbonding: bigintOf(found, 'unbonding'),
        unbondAt: numberOf(found, 'unbondAt'),
      };
    },
    unbondPeriod: async () => numberOf(await read('unbondPeriod', []), 0),
    register: (peerHash, payout) =>
      call('register', [peerHash, parseAddress(payout)], `Register the worker; its earnings go to ${payout}`),
    deregister: (peerHash) => call('deregister', [peerHash], 'Take the worker off the registry'),
    changePayout: (peerHash, payout) =>
      call('changePayout', [peerHash, parseAddress(payout)], `Send the worker's earnings to ${payout}`),
    stake: (peerHash, amount) =>
      call('stake', [peerHash, amount], `Stake ${formatRos(amount)} for the worker`, amount),
    stakeWithPermit: (peerHash, { value, deadline, v, r, s }) =>
      call(
        'stakeWithPermit',
        [peerHash, value, deadline, v, r, s],
        `Stake ${formatRos(value)} for the worker`,
        value,
      ),
    requestUnbond: (peerHash, amount) =>
      call('requestUnbond', [peerHash, amount], `Begin to unstake ${formatRos(amount)}`, amount),
    withdraw: (peerHash) => call('withdraw', [peerHash], 'Withdraw the stake that has unbonded'),
  };
}
