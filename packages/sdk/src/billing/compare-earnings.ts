import type { Earning } from '../schema/earnings.ts';
import type { Receipt } from '../schema/trust.ts';
import { isContainerKind } from './container-lines.ts';
import { priceUsage } from './price-usage.ts';

/**
 * How a worker's own receipt and the ledger's line for the same ticket stand to each other:
 * `agreed`: what was signed last is what was paid; `paid-less`: an earlier receipt was; `paid-more`: a later one was, or
 * at a higher price; `refused`: the line costs nothing; `not-billed`: no bill has it; `not-kept`: it was paid, and the
 * worker has no receipt of its own for it.
 */
export type EarningVerdict = 'agreed' | 'paid-less' | 'paid-more' | 'refused' | 'not-billed' | 'not-kept';

/** One ticket of one request, as both sides tell it. Amounts are wei of ROS, before the platform's share. */
export interface ComparedEarning {
  readonly requestId: string;
  readonly receiptNonce: string;
  readonly verdict: EarningVerdict;
  /** One clause; null when both agree. */
  readonly reason: string | null;
  /** By the newest receipt that the worker kept. */
  readonly signedUnits: number | null;
  readonly signedWei: bigint | null;
  readonly paidUnits: number | null;
  readonly paidWei: bigint;
  /** The worker's share of what was paid. */
  readonly workerWei: bigint;
  readonly epoch: number | null;
  readonly at: number;
}

type Own = Pick<Receipt, 'requestId' | 'ticketNonce' | 'units' | 'price' | 'finishedAt'>;

/** Compares a worker's own receipts, one for each ticket, with the lines of bills. Oldest first. Pure. */
export function compareEarnings(own: readonly Own[], lines: readonly Earning[]): ComparedEarning[] {
  const byNonce = new Map<string, Earning>();
  // containers' receipts are cumulative: their lines are no one's to compare with a receipt of a request
  for (const line of lines.filter(({ kind }) => !isContainerKind(kind))) {
    if (byNonce.get(line.receiptNonce)?.kind !== 'charge') byNonce.set(line.receiptNonce, line);
  }
  const kept = new Set(own.map(({ ticketNonce }) => ticketNonce));
  const rows = own.map((receipt) => compareOne(receipt, byNonce.get(receipt.ticketNonce)));
  const others = [...byNonce.values()].filter(({ receiptNonce }) => !kept.has(receiptNonce)).map(notKept);
  return [...rows, ...others].sort((a, b) => a.at - b.at);
}

function compareOne(own: Own, line: Earning | undefined): ComparedEarning {
  const { requestId, ticketNonce: receiptNonce, units: signedUnits, finishedAt: at } = own;
  const signedWei = priceUsage({ resource: 'units', quantity: signedUnits, priceWei: BigInt(own.price) });
  const signed = { requestId, receiptNonce, signedUnits, signedWei, at };
  if (line === undefined) {
    const reason = 'no bill names it: the request still runs, or nothing of it reached the orchestrator';
    const nothing = { paidUnits: null, paidWei: 0n, workerWei: 0n, epoch: null };
    return { ...signed, ...nothing, verdict: 'not-billed', reason };
  }
  return { ...signed, ...paidOf(line), ...judge(signedUnits, signedWei, line) };
}

const paidOf = ({ kind, units, amountWei, workerWei, epoch }: Earning) => ({
  paidUnits: kind === 'charge' ? units : null,
  paidWei: BigInt(amountWei),
  workerWei: BigInt(workerWei),
  epoch,
});

function judge(
  signedUnits: number,
  signedWei: bigint,
  line: Earning,
): Pick<ComparedEarning, 'verdict' | 'reason'> {
  if (line.kind === 'refused') return { verdict: 'refused', reason: whyRefused(line) };
  const paidWei = BigInt(line.amountWei);
  if (line.units === signedUnits && paidWei === signedWei) return { verdict: 'agreed', reason: null };
  if (paidWei <= signedWei) {
    const reason = `the newest receipt that reached the orchestrator is of ${line.units} of ${signedUnits} units`;
    return { verdict: 'paid-less', reason };
  }
  const reason = `${line.units} units were paid; the newest receipt kept here is of ${signedUnits}`;
  return { verdict: 'paid-more', reason };
}

function notKept(line: Earning): ComparedEarning {
  const { requestId, receiptNonce, at } = line;
  const none = { requestId, receiptNonce, signedUnits: null, signedWei: null, at };
  if (line.kind === 'refused') {
    return { ...none, ...paidOf(line), verdict: 'refused', reason: whyRefused(line) };
  }
  const reason = 'this worker keeps no receipt for it: it is older than what is kept, or the disk failed';
  return { ...none, ...paidOf(line), verdict: 'not-kept', reason };
}

const whyRefused = ({ message, reason }: Earning): string => message ?? reason ?? 'it was refused';
