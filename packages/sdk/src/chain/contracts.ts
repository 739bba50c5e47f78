import type { ContractRunner } from 'ethers';
import { RiosError } from '../errors/error.ts';
import type { ContractAddresses } from './deployment.ts';
import type { Chain } from './open-chain.ts';
import type { TransactionCall } from './transaction.ts';

/** At which block to read; the newest when left out. */
export interface ReadAt {
  readonly block?: number;
}

/** A permit (EIP-2612) as contracts take it. permit.ts makes one. */
export interface PermitSignature {
  readonly value: bigint;
  /** Seconds since 1970. */
  readonly deadline: bigint;
  readonly v: number;
  readonly r: string;
  readonly s: string;
}

/** RosToken. Amounts in wei of ROS. Methods that change something give a call: nothing is sent by them. */
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

/** A payer's account in the escrow. */
export interface EscrowAccount {
  readonly balance: bigint;
  readonly spent: bigint;
}
export interface EscrowExit {
  readonly amount: bigint;
  /** Seconds since 1970; 0 = no exit. */
  readonly readyAt: number;
}
export interface EscrowSession {
  /** `spent` that vouchers of the key may reach. */
  readonly limit: bigint;
  /** Seconds since 1970: the last one in which its vouchers can be collected; 0 = no session. */
  readonly expiry: number;
}
/** A signed promise of all that its payer has spent. voucher.ts signs and checks it. */
export interface Voucher {
  readonly payer: string;
  readonly cumulative: bigint;
  /** Seconds since 1970. */
  readonly deadline: number;
  /** 0x and hex. */
  readonly signature: string;
}

export interface EscrowContract {
  readonly address: string;
  readonly chainId: number;
  account(payer: string, at?: ReadAt): Promise<EscrowAccount>;
  exit(payer: string): Promise<EscrowExit>;
  session(payer: string, key: string): Promise<EscrowSession>;
  /** Seconds. */
  exitDelay(): Promise<number>;
  beneficiary(): Promise<string>;
  deposit(payer: string, amount: bigint): TransactionCall;
  depositWithPermit(permit: PermitSignature): TransactionCall;
  startExit(amount: bigint): TransactionCall;
  cancelExit(): TransactionCall;
  withdraw(): TransactionCall;
  /** `cap` more than is spent now, until `expiry` (seconds since 1970). */
  authoriseSession(key: string, cap: bigint, expiry: number): TransactionCall;
  revokeSession(key: string): TransactionCall;
  collect(vouchers: readonly Voucher[]): TransactionCall;
  tryCollect(vouchers: readonly Voucher[]): TransactionCall;
}

export interface RegisteredWorker {
  /** Where earnings go; undefined = not registered. */
  readonly payout: string | undefined;
  readonly stake: bigint;
  readonly unbonding: bigint;
  /** Seconds since 1970: when `unbonding` may be withdrawn. */
  readonly unbondAt: number;
}

export interface RegistryContract {
  readonly address: string;
  readonly chainId: number;
  /** Id of an operator's worker: keccak256(abi.encode(operator, peerHash)). No call. */
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

/** A published root. `readyAt` in seconds since 1970; 0 = there is none. */
export interface RewardsHead {
  readonly root: string;
  readonly total: bigint;
  readonly epoch: number;
  readonly readyAt: number;
}

export interface RewardsContract {
  readonly address: string;
  readonly chainId: number;
  live(): Promise<RewardsHead>;
  pending(): Promise<RewardsHead>;
  /** Ever paid to an account. */
  claimed(account: string): Promise<bigint>;
  publish(epoch: number, root: string, receiptsRoot: string, total: bigint): TransactionCall;
  activate(): TransactionCall;
  veto(epoch: number): TransactionCall;
  claim(account: string, cumulative: bigint, proof: readonly string[]): TransactionCall;
}

export interface RosContracts {
  readonly addresses: ContractAddresses;
  readonly token: TokenContract;
  readonly escrow: EscrowContract;
  readonly registry: RegistryContract;
  readonly rewards: RewardsContract;
}

/**
 * Our contracts at these addresses, after checking that there is code at each.
 * @param runner asks in place of the chain's provider
 * @throws RiosError CHAIN_UNSUPPORTED when there is none, CHAIN_*
 */
export async function openContracts(
  chain: Chain,
  addresses: ContractAddresses,
  runner: ContractRunner = chain.provider,
): Promise<RosContracts> {
  throw new RiosError('BUG_UNEXPECTED', `not written yet: ${addresses.token} ${runner}`);
}
