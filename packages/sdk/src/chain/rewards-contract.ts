import type { Result } from 'ethers';
import { RiosError } from '../errors/error.ts';
import { parseAddress } from './address.ts';
import { formatRos } from './amounts.ts';
import { bigintOf, type ContractAccess, numberOf, textOf } from './contract-access.ts';
import type { TransactionCall } from './prepared-transaction.ts';

/** A published root; amounts in wei of ROS. */
export interface RewardsHead {
  /** 32 bytes as 0x and hex. */
  readonly root: string;
  readonly total: bigint;
  readonly epoch: number;
  /** Seconds since 1970; 0 = there is none. */
  readonly readyAt: number;
}

/** RosRewards. What changes something gives a call: nothing is sent by it. */
export interface RewardsContract {
  readonly address: string;
  readonly chainId: number;
  /** The root that claims are checked against. */
  live(): Promise<RewardsHead>;
  /** The root that waits. */
  pending(): Promise<RewardsHead>;
  /** Ever paid to an account. */
  claimed(account: string): Promise<bigint>;
  publish(epoch: number, root: string, receiptsRoot: string, total: bigint): TransactionCall;
  activate(): TransactionCall;
  veto(epoch: number): TransactionCall;
  claim(account: string, cumulative: bigint, proof: readonly string[]): TransactionCall;
}

export function createRewardsContract({ address, chainId, read, call }: ContractAccess): RewardsContract {
  return {
    address,
    chainId,
    live: async () => headOf(await read('live', [])),
    pending: async () => headOf(await read('pending', [])),
    claimed: async (account) => bigintOf(await read('claimed', [account]), 0),
    publish: (epoch, root, receiptsRoot, total) =>
      call(
        'publish',
        [epoch, root, receiptsRoot, total],
        `Publish epoch ${epoch}: ${formatRos(total)} in all`,
        total,
      ),
    activate: () => call('activate', [], 'Let the waiting root take effect'),
    veto: (epoch) => call('veto', [epoch], `Veto the root of epoch ${epoch}`),
    claim: (account, cumulative, proof) =>
      call('claim', [parseAddress(account), cumulative, proof], `Claim the rewards of ${account}`),
  };
}

function headOf(result: Result): RewardsHead {
  const head: unknown = result[0];
  if (!isResult(head)) throw new RiosError('CHAIN_BAD_ANSWER', 'the rewards contract gave no root');
  return {
    root: textOf(head, 'root'),
    total: bigintOf(head, 'total'),
    epoch: numberOf(head, 'epoch'),
    readyAt: numberOf(head, 'readyAt'),
  };
}

const isResult = (value: unknown): value is Result => Array.isArray(value) && 'getValue' in value;
