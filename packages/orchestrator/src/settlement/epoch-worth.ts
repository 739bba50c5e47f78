import type { OpenLine } from '../store/epoch-lines.ts';
import type { EpochWorker } from '../store/epoch-workers.ts';

/** A payee's earnings must be so many times what publishing costs. */
const WORTH = 50n;
/** After so long they are settled whatever they are worth. */
const LONGEST_MS = 86_400_000;

export interface OpenWork {
  /** Of all open charges. */
  readonly lines: readonly OpenLine[];
  /** Workers with a wallet. */
  readonly payable: readonly EpochWorker[];
}

/** Whether an epoch of what is open is worth its gas by now. Pure. */
export function isWorth(
  { lines, payable }: OpenWork,
  { now, costWei }: { readonly now: number; readonly costWei: bigint },
): boolean {
  const accounts = new Map(payable.map(({ worker, account }) => [worker, account.toLowerCase()]));
  const earned = new Map<string, bigint>();
  for (const { worker, workerWei, at } of lines) {
    const account = accounts.get(worker);
    if (account === undefined) continue;
    const wei = (earned.get(account) ?? 0n) + workerWei;
    if (wei >= costWei * WORTH || now - at >= LONGEST_MS) return true;
    earned.set(account, wei);
  }
  return false;
}

/** When the oldest charge of a worker with a wallet was entered, ms; undefined when there is none. Pure. */
export function oldestOf({ lines, payable }: OpenWork): number | undefined {
  const workers = new Set(payable.map(({ worker }) => worker));
  return lines.find(({ worker }) => workers.has(worker))?.at;
}
