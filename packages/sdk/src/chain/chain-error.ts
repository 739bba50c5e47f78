import { type ErrorDescription, type Interface, isError, isHexString } from 'ethers';
import type { ErrorCode } from '../errors/catalog.ts';
import { RiosError, toRiosError } from '../errors/error.ts';
import { formatRos } from './amounts.ts';
import { rosInterfaces } from './interfaces.ts';
import { REVERT_SENTENCES } from './revert-sentences.ts';
import { wholeResult } from './whole-result.ts';

/** How much of an RPC's own words is repeated. */
const MAX_MESSAGE_CHARS = 300;

/**
 * Makes one of our errors of whatever ethers or an RPC threw. A contract's own error gets its name and arguments in
 * details and one plain sentence as its message; too little coin, ROS or deposit becomes QUOTA_BALANCE.
 * @param interfaces whose errors are known; all of ours when left out
 */
export function chainError(error: unknown, interfaces: readonly Interface[] = rosInterfaces()): RiosError {
  if (error instanceof RiosError) return error;
  const data = revertDataOf(error);
  if (data !== undefined) return revertError(data, interfaces, error);
  const said = messageOf(error);
  const known = SAID.find(({ pattern }) => pattern.test(said));
  if (known !== undefined)
    return new RiosError(known.code, known.message, { ...detailsOf(said), cause: error });
  if (isError(error, 'CALL_EXCEPTION')) {
    return new RiosError('CHAIN_REVERTED', 'the contract refused without saying why', { cause: error });
  }
  // what ethers calls its argument may be the RPC's answer
  if (isError(error, 'INVALID_ARGUMENT') && error.argument !== '%response') {
    const message = `${error.argument}: ${error.shortMessage}`.slice(0, MAX_MESSAGE_CHARS);
    return new RiosError('USER_INVALID_REQUEST', message, { cause: error });
  }
  if (isError(error, 'BAD_DATA') || isError(error, 'INVALID_ARGUMENT')) {
    return new RiosError('CHAIN_BAD_ANSWER', 'the RPC gave an answer of a strange form', { cause: error });
  }
  if (isError(error, 'UNSUPPORTED_OPERATION') || isError(error, 'UNKNOWN_ERROR')) {
    const message = `the RPC refused: ${said.slice(0, MAX_MESSAGE_CHARS)}`;
    return new RiosError('CHAIN_UNSUPPORTED', message, { ...detailsOf(said), cause: error });
  }
  return toRiosError(error);
}

interface Saying {
  readonly pattern: RegExp;
  readonly code: ErrorCode;
  readonly message: string;
}

/** What nodes (geth, reth, nethermind, anvil, EDR) say in words alone. */
const SAID: readonly Saying[] = [
  {
    pattern: /insufficient funds|enough funds|insufficient balance/i,
    code: 'QUOTA_BALANCE',
    message: 'the account has too little of the chain’s own coin to pay for gas',
  },
  {
    pattern: /nonce.{0,20}too (low|high)|nonce has already been used|OldNonce|invalid nonce/i,
    code: 'CHAIN_NONCE',
    message: 'the account’s next transaction has another number by now',
  },
  {
    pattern: /underpriced|replacement fee too low|fee.{0,40}too low|less than block base fee|FeeTooLow/i,
    code: 'CHAIN_UNDERPRICED',
    message: 'the chain asks for a higher fee',
  },
  {
    pattern: /rate.?limit|too many requests|capacity exceeded/i,
    code: 'CHAIN_UNREACHABLE',
    message: 'the RPC answers no more calls for now',
  },
];

const detailsOf = (said: string) => ({ details: { answer: said.slice(0, MAX_MESSAGE_CHARS) } });

/** What the RPC itself said, without what ethers wrote around it. */
function messageOf(error: unknown): string {
  const inner = [path(error, 'info', 'error', 'message'), path(error, 'error', 'message')].find(isText);
  if (inner !== undefined) return inner;
  return error instanceof Error ? error.message : String(error);
}

/** Bytes that a contract ended with: 0x and at least a selector. */
function revertDataOf(error: unknown): string | undefined {
  const places = [
    path(error, 'data'),
    path(error, 'info', 'error', 'data'),
    path(error, 'info', 'error', 'data', 'data'),
    path(error, 'error', 'data'),
    path(error, 'error', 'data', 'data'),
  ];
  return places.find((data) => isText(data) && isHexString(data) && data.length >= 10) as string | undefined;
}

const isText = (value: unknown): value is string => typeof value === 'string';

function path(value: unknown, ...names: readonly string[]): unknown {
  let found = value;
  for (const name of names) {
    if (typeof found !== 'object' || found === null) return undefined;
    found = Reflect.get(found, name);
  }
  return found;
}

/** Of the bytes that a contract ended with. */
function revertError(data: string, interfaces: readonly Interface[], cause: unknown): RiosError {
  const found = parse(data, interfaces);
  if (found === undefined) {
    return new RiosError('CHAIN_REVERTED', 'the contract refused with an error that is not ours', {
      details: { data: data.slice(0, 10) },
      cause,
    });
  }
  const args = argumentsOf(found);
  const message = sentenceOf(found.name, args);
  const details = { error: found.name, arguments: args };
  const missing = missingOf(found.name, args);
  if (missing === undefined) return new RiosError('CHAIN_REVERTED', message, { details, cause });
  return new RiosError('QUOTA_BALANCE', `${message} ${formatRos(missing)} are missing.`, {
    details: { ...details, unit: 'ROS', missing: formatRos(missing), missingWei: String(missing) },
    cause,
  });
}

function parse(data: string, interfaces: readonly Interface[]): ErrorDescription | undefined {
  for (const one of interfaces) {
    try {
      const found = one.parseError(data);
      if (found !== null && wholeResult(found.args)) return found;
    } catch {
      // the selector is known, its arguments are not those it has: not one of ours
    }
  }
  return undefined;
}

/** Numbers become decimal text: JSON has no bigint. */
function argumentsOf({ fragment, args }: ErrorDescription): Record<string, string> {
  return Object.fromEntries(fragment.inputs.map(({ name }, index) => [name, String(args[index])]));
}

function sentenceOf(name: string, args: Record<string, string>): string {
  // Solidity's own two
  if (name === 'Error') return `The contract refused: ${args.message ?? Object.values(args)[0] ?? ''}`;
  if (name === 'Panic') return 'The contract broke off with a panic.';
  return REVERT_SENTENCES[name]?.(args) ?? `The contract refused: ${name}.`;
}

/** How much ROS lacks, where an error says so. */
function missingOf(name: string, { balance, needed }: Record<string, string>): bigint | undefined {
  if (name !== 'ERC20InsufficientBalance' && name !== 'InsufficientBalance') return undefined;
  return BigInt(needed ?? 0) - BigInt(balance ?? 0);
}
