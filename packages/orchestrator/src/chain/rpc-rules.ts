import type { RpcCall, RpcFailure } from './dev-chain.ts';

/** Methods that only read. */
const READS = new Set([
  'web3_clientVersion',
  'net_version',
  'eth_chainId',
  'eth_blockNumber',
  'eth_gasPrice',
  'eth_maxPriorityFeePerGas',
  'eth_feeHistory',
  'eth_getBalance',
  'eth_getCode',
  'eth_getStorageAt',
  'eth_getProof',
  'eth_getTransactionCount',
  'eth_getTransactionByHash',
  'eth_getTransactionReceipt',
  'eth_getBlockByNumber',
  'eth_getBlockByHash',
  'eth_getBlockReceipts',
  'eth_getBlockTransactionCountByHash',
  'eth_getBlockTransactionCountByNumber',
  'eth_getTransactionByBlockHashAndIndex',
  'eth_getTransactionByBlockNumberAndIndex',
  'eth_getLogs',
  'eth_call',
  'eth_estimateGas',
  'eth_syncing',
  'eth_accounts',
]);

/** What a call does here: reads, sends a signed transaction, moves time on, or is refused. */
export type Kind = 'read' | 'send' | 'increaseTime' | 'mine' | 'refused';

/** Everything that would change the chain and could not be replayed from the journal is refused. */
export function kindOf(method: string): Kind {
  if (READS.has(method)) return 'read';
  if (method === 'eth_sendRawTransaction') return 'send';
  if (method === 'evm_increaseTime') return 'increaseTime';
  if (method === 'evm_mine') return 'mine';
  return 'refused';
}

export const refusal = ({ method }: RpcCall): RpcFailure => ({
  code: -32_601,
  message: `this dev chain has no method ${method.slice(0, 64)}`,
});

export const invalidParams = (message: string): RpcFailure => ({ code: -32_602, message });

/** A signed transaction as text: 0x and at most 128 KiB in hex. */
export function readRaw([raw]: readonly unknown[]): string | undefined {
  const isRaw = typeof raw === 'string' && raw.length <= 262_146 && /^0x([0-9a-f]{2})+$/i.test(raw);
  return isRaw ? raw.toLowerCase() : undefined;
}

/** Seconds, as a number or in hex; at most ten years at once. */
export function readSeconds([value]: readonly unknown[]): number | undefined {
  const seconds = typeof value === 'string' && /^0x[0-9a-f]{1,10}$/i.test(value) ? Number(value) : value;
  return typeof seconds === 'number' && Number.isInteger(seconds) && seconds >= 0 && seconds <= 315_360_000
    ? seconds
    : undefined;
}
