import type { ContractRunner, Result } from 'ethers';
import { RiosError } from '../errors/error.ts';
import { chainError } from './chain-error.ts';
import type { ContractAddresses } from './deployment.ts';
import { rosInterface } from './interfaces.ts';
import type { TransactionCall } from './prepared-transaction.ts';
import { wholeResult } from './whole-result.ts';

/** At which block to read; the newest when left out. */
export interface ReadAt {
  readonly block?: number;
}

/** Asks one contract, and makes calls to it. */
export interface ContractAccess {
  readonly address: string;
  readonly chainId: number;
  /** @throws RiosError CHAIN_* */
  read(method: string, args: readonly unknown[], at?: ReadAt): Promise<Result>;
  /** @throws RiosError USER_INVALID_REQUEST when an argument does not fit */
  call(method: string, args: readonly unknown[], what: string, amountWei?: bigint): TransactionCall;
}

export interface ContractPlace {
  readonly name: keyof ContractAddresses;
  readonly address: string;
  readonly chainId: number;
}

export function createContractAccess(place: ContractPlace, runner: ContractRunner): ContractAccess {
  const { name, address, chainId } = place;
  const encode = (method: string, args: readonly unknown[]): string => {
    try {
      return rosInterface(name).encodeFunctionData(method, args);
    } catch (error) {
      throw chainError(error);
    }
  };
  const read = async (method: string, args: readonly unknown[], { block }: ReadAt = {}): Promise<Result> => {
    if (runner.call === undefined || runner.call === null) {
      throw new RiosError('BUG_UNEXPECTED', 'what runs the contracts cannot ask them');
    }
    const at = block === undefined ? {} : { blockTag: block };
    const request = { to: address, data: encode(method, args), ...at };
    const answer = await runner.call(request).catch((error: unknown) => {
      throw chainError(error);
    });
    try {
      return wholeResult(rosInterface(name).decodeFunctionResult(method, answer));
    } catch (cause) {
      const message = `the contract ${name} gave an answer to ${method} that it cannot give`;
      throw new RiosError('CHAIN_BAD_ANSWER', message, { details: { contract: name, method }, cause });
    }
  };
  const call = (method: string, args: readonly unknown[], what: string, amountWei?: bigint) => ({
    to: address,
    what,
    data: encode(method, args),
    ...(amountWei === undefined ? {} : { amountWei }),
  });
  return { address, chainId, read, call };
}

/** A number out of a result, by its place or name. */
export const bigintOf = (result: Result, key: number | string): bigint => BigInt(textOf(result, key));

/** Seconds and epochs: below 2^53 in any contract of ours that tells the truth. @throws RiosError CHAIN_BAD_ANSWER */
export function numberOf(result: Result, key: number | string): number {
  const value = Number(textOf(result, key));
  if (Number.isSafeInteger(value)) return value;
  throw new RiosError('CHAIN_BAD_ANSWER', `the contract says ${value} where a time or a count is due`);
}
/** Any value out of a result as text. */
export function textOf(result: Result, key: number | string): string {
  return String(typeof key === 'number' ? result[key] : result.getValue(key));
}
