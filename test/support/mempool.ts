import { Transaction } from 'ethers';
import type { Rule } from './lying-rpc.ts';

/** A node's waiting room, which a dev chain has none of: transactions lie in it until one of them is let through. */
export interface Mempool {
  readonly rule: Rule;
  /** Hashes that wait. */
  readonly waiting: readonly string[];
  /** Hands one to the chain; those with its nonce can never follow. */
  release(hash: string): Promise<void>;
}

/** Replaces as nodes do: by 10 % more of both fees, or not at all. */
export function createMempool(send: (raw: string) => Promise<unknown>): Mempool {
  const pool = new Map<string, Transaction>();
  const isAtLeast = (next: bigint | null, before: bigint | null) =>
    (next ?? 0n) * 10n >= (before ?? 0n) * 11n;
  const rule: Rule = (call) => {
    if (call.method !== 'eth_sendRawTransaction') return undefined;
    const next = Transaction.from(String(call.params[0]));
    const rivals = [...pool.values()].filter((one) => one.from === next.from && one.nonce === next.nonce);
    const isEnough = rivals.every(
      (rival) =>
        isAtLeast(next.maxFeePerGas, rival.maxFeePerGas) &&
        isAtLeast(next.maxPriorityFeePerGas, rival.maxPriorityFeePerGas),
    );
    if (pool.has(next.hash ?? '')) return { error: { code: -32_000, message: 'already known' } };
    if (!isEnough) return { error: { code: -32_000, message: 'replacement transaction underpriced' } };
    pool.set(next.hash ?? '', next);
    return { result: next.hash };
  };
  return {
    rule,
    get waiting() {
      return [...pool.keys()];
    },
    release: async (hash) => {
      await send(pool.get(hash)?.serialized ?? '');
    },
  };
}
