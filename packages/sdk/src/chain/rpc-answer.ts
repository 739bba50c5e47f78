import { keccak256 } from 'ethers';
import { RiosError } from '../errors/error.ts';
import { checkLogs } from './rpc-logs.ts';
import { badAnswer, type RpcRequest } from './rpc-transport.ts';

/** Checks results against what was asked and what was said before. @throws RiosError CHAIN_BAD_ANSWER, CHAIN_WRONG_ID */
export type AnswerCheck = (request: RpcRequest, result: unknown) => void;

export interface AnswerRules {
  /** Undefined until it is known. */
  readonly chainId: number | undefined;
  /** How far the head may step back: several machines behind one address are not equally far. Blocks. */
  readonly headTolerance: number;
}

const QUANTITY = /^0x[0-9a-f]{1,64}$/i;
const BYTES = /^0x([0-9a-f]{2})*$/i;
const HASH = /^0x[0-9a-f]{64}$/i;

/** Methods whose result is a number in hex. */
const QUANTITIES = new Set([
  'eth_chainId',
  'eth_blockNumber',
  'eth_gasPrice',
  'eth_maxPriorityFeePerGas',
  'eth_getBalance',
  'eth_getTransactionCount',
  'eth_estimateGas',
]);
/** Of these, those that are counts: no chain has as many. */
const COUNTS = new Set(['eth_chainId', 'eth_blockNumber', 'eth_getTransactionCount']);
/** Methods whose result is bytes in hex. */
const BYTE_STRINGS = new Set(['eth_call', 'eth_getCode', 'eth_getStorageAt']);

/** What an RPC may not say: a head that goes back, another's receipt, events that nobody asked for. */
export function createAnswerCheck({ chainId, headTolerance }: AnswerRules): AnswerCheck {
  let head = 0n;
  const seeHead = (request: RpcRequest, number: bigint) => {
    if (number + BigInt(headTolerance) < head) {
      const details = { before: String(head), now: String(number) };
      throw badAnswer(`its newest block was ${head} and is ${number} now`, request, details);
    }
    if (number > head) head = number;
  };
  return (request, result) => {
    checkForm(request, result);
    const [first] = paramsOf(request);
    switch (request.method) {
      case 'eth_chainId':
        return checkChainId(chainId, Number(result));
      case 'eth_blockNumber':
        return seeHead(request, BigInt(String(result)));
      case 'eth_sendRawTransaction':
        return checkField(request, result, keccak256(String(first)), 'it names another transaction');
      case 'eth_getTransactionReceipt':
        return checkReceipt(request, result, first);
      case 'eth_getTransactionByHash':
        return checkNamed(request, result, 'hash', first);
      case 'eth_getBlockByHash':
        return checkNamed(request, result, 'hash', first);
      case 'eth_getBlockByNumber':
        return checkBlock(request, result, first, seeHead);
      case 'eth_getLogs':
        return checkLogs(request, result, first);
    }
  };
}

function checkForm(request: RpcRequest, result: unknown): void {
  const { method } = request;
  if (QUANTITIES.has(method) && !matches(QUANTITY, result)) throw badAnswer('it is no number', request);
  if (COUNTS.has(method) && !Number.isSafeInteger(Number(result))) throw badAnswer('it is too many', request);
  if (BYTE_STRINGS.has(method) && !matches(BYTES, result)) throw badAnswer('it is no bytes', request);
}

const matches = (form: RegExp, value: unknown): value is string =>
  typeof value === 'string' && form.test(value);

function checkChainId(expected: number | undefined, actual: number): void {
  if (expected === undefined || expected === actual) return;
  throw new RiosError('CHAIN_WRONG_ID', `the RPC is of chain ${actual}, not ${expected}`, {
    details: { expected, actual },
  });
}

function checkReceipt(request: RpcRequest, result: unknown, hash: unknown): void {
  checkNamed(request, result, 'transactionHash', hash);
  if (!isRecord(result)) return;
  const { blockHash, blockNumber, status, gasUsed, logs } = result;
  const isWhole =
    matches(HASH, blockHash) && [blockNumber, status, gasUsed].every((one) => matches(QUANTITY, one));
  if (!isWhole || !Array.isArray(logs)) throw badAnswer('it is no receipt of a block', request);
}

function checkBlock(
  request: RpcRequest,
  result: unknown,
  tag: unknown,
  seeHead: (request: RpcRequest, number: bigint) => void,
): void {
  if (result === null && tag !== 'latest') return;
  if (!isRecord(result) || !matches(QUANTITY, result.number) || !matches(HASH, result.hash)) {
    throw badAnswer('it is no block', request);
  }
  const number = BigInt(result.number);
  if (tag === 'latest') seeHead(request, number);
  if (matches(QUANTITY, tag) && BigInt(tag) !== number) throw badAnswer('it is another block', request);
}

/** Null, or a thing that bears the name that was asked for. */
function checkNamed(request: RpcRequest, result: unknown, field: string, expected: unknown): void {
  if (result === null) return;
  if (!isRecord(result)) throw badAnswer('it is no object', request);
  checkField(request, result[field], expected, `it is about another ${field}`);
}

function checkField(request: RpcRequest, actual: unknown, expected: unknown, why: string): void {
  if (String(actual).toLowerCase() === String(expected).toLowerCase()) return;
  throw badAnswer(why, request, { expected: String(expected), actual: String(actual).slice(0, 66) });
}

const paramsOf = ({ params }: RpcRequest): readonly unknown[] => (Array.isArray(params) ? params : []);

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
