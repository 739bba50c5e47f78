import { parseAddress } from './address.ts';
import { formatRos } from './amounts.ts';
import { bigintOf, type ContractAccess, numberOf, type ReadAt, textOf } from './contract-access.ts';
import type { PermitSignature } from './permit.ts';
import type { TransactionCall } from './prepared-transaction.ts';

/** What a payer has in the escrow, wei of ROS. */
export interface EscrowAccount {
  readonly balance: bigint;
  /** Ever collected from him. */
  readonly spent: bigint;
}

/** A withdrawal under way. */
export interface EscrowExit {
  readonly amount: bigint;
  /** Seconds since 1970; 0 = there is none. */
  readonly readyAt: number;
}

/** What a session key may sign. */
export interface EscrowSession {
  /** `spent` that its vouchers may reach. */
  readonly limit: bigint;
  /** Seconds since 1970: the last one in which its vouchers can be collected; 0 = no session. */
  readonly expiry: number;
}

/** A signed promise of all that its payer has spent. voucher.ts signs and checks it. */
export interface Voucher {
  readonly payer: string;
  /** Wei of ROS. */
  readonly cumulative: bigint;
  /** Seconds since 1970: the last one in which it can be collected. */
  readonly deadline: number;
  /** 0x and hex. */
  readonly signature: string;
}

/** DepositEscrow. What changes something gives a call: nothing is sent by it. */
export interface EscrowContract {
  readonly address: string;
  readonly chainId: number;
  account(payer: string, at?: ReadAt): Promise<EscrowAccount>;
  /** What vouchers can still be given for: the balance without what a withdrawal has asked for. */
  available(payer: string): Promise<bigint>;
  exit(payer: string): Promise<EscrowExit>;
  session(payer: string, key: string): Promise<EscrowSession>;
  /** Seconds. */
  exitDelay(): Promise<number>;
  beneficiary(): Promise<string>;
  /**
   * Asks the chain whether it would collect all of these now; the only way to tell for contract wallets (ERC-1271).
   * @throws RiosError CHAIN_REVERTED or QUOTA_BALANCE, with the contract's own error
   */
  wouldCollect(vouchers: readonly Voucher[]): Promise<void>;
  deposit(payer: string, amount: bigint): TransactionCall;
  depositWithPermit(permit: PermitSignature): TransactionCall;
  startExit(amount: bigint): TransactionCall;
  cancelExit(): TransactionCall;
  withdraw(): TransactionCall;
  /** `cap` wei of ROS more than is spent now, until `expiry` (seconds since 1970). */
  authoriseSession(key: string, cap: bigint, expiry: number): TransactionCall;
  revokeSession(key: string): TransactionCall;
  /** All of them or none. */
  collect(vouchers: readonly Voucher[]): TransactionCall;
  /** Those that can be. */
  tryCollect(vouchers: readonly Voucher[]): TransactionCall;
}

export function createEscrowContract(access: ContractAccess): EscrowContract {
  const { address, chainId, read } = access;
  return {
    address,
    chainId,
    account: async (payer, at) => {
      const found = await read('accounts', [payer], at);
      return { balance: bigintOf(found, 'balance'), spent: bigintOf(found, 'spent') };
    },
    available: async (payer) => bigintOf(await read('available', [payer]), 0),
    exit: async (payer) => {
      const found = await read('exits', [payer]);
      return { amount: bigintOf(found, 'amount'), readyAt: numberOf(found, 'readyAt') };
    },
    session: async (payer, key) => {
      const found = await read('sessions', [payer, key]);
      return { limit: bigintOf(found, 'limit'), expiry: numberOf(found, 'expiry') };
    },
    exitDelay: async () => numberOf(await read('exitDelay', []), 0),
    beneficiary: async () => textOf(await read('beneficiary', []), 0),
    wouldCollect: async (vouchers) => {
      await read('collect', [vouchers.map(tupleOf)]);
    },
    ...escrowCalls(access),
  };
}

type EscrowCalls = Omit<
  EscrowContract,
  | 'address'
  | 'chainId'
  | 'account'
  | 'available'
  | 'exit'
  | 'session'
  | 'exitDelay'
  | 'beneficiary'
  | 'wouldCollect'
>;

const tupleOf = ({ payer, cumulative, deadline, signature }: Voucher) => [
  payer,
  cumulative,
  deadline,
  signature,
];

function escrowCalls({ call }: ContractAccess): EscrowCalls {
  return {
    deposit: (payer, amount) =>
      call('deposit', [parseAddress(payer), amount], `Deposit ${formatRos(amount)} for ${payer}`, amount),
    depositWithPermit: ({ value, deadline, v, r, s }) =>
      call('depositWithPermit', [value, deadline, v, r, s], `Deposit ${formatRos(value)}`, value),
    startExit: (amount) =>
      call('startExit', [amount], `Begin to withdraw ${formatRos(amount)} of the deposit`, amount),
    cancelExit: () => call('cancelExit', [], 'Call off the withdrawal of the deposit'),
    withdraw: () => call('withdraw', [], 'Withdraw what is due of the deposit'),
    authoriseSession: (key, cap, expiry) =>
      call(
        'authoriseSession',
        [parseAddress(key), cap, expiry],
        `Let the session key ${key} spend up to ${formatRos(cap)} of the deposit`,
        cap,
      ),
    revokeSession: (key) => call('revokeSession', [parseAddress(key)], `End the session of ${key}`),
    collect: (vouchers) =>
      call('collect', [vouchers.map(tupleOf)], `Collect ${vouchers.length} vouchers, all or none`),
    tryCollect: (vouchers) =>
      call('tryCollect', [vouchers.map(tupleOf)], `Collect those of ${vouchers.length} vouchers that can be`),
  };
}
