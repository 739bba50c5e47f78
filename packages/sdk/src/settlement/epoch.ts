import { RiosError } from '../errors/error.ts';
import type { Receipt, Signed } from '../schema/trust.ts';
import { unfairness } from './fair-charge.ts';
import type { HeaderLine, PayeeLine, ReceiptLine } from './receipts-format.ts';
import { createRewardsTree, type Earned, type RewardsTree } from './rewards-tree.ts';

/** A receipt that was accepted and paid, out of the ledger; amounts in wei of ROS. */
export interface SettledReceipt {
  readonly receipt: Receipt;
  readonly signed: Signed;
  /** Where the worker's earnings go. */
  readonly account: string;
  /** pseudonymOf the account that paid. */
  readonly payer: string;
  /** Units charged, at most those of the receipt. */
  readonly units: number;
  /** For 1,000,000 units. */
  readonly priceWei: bigint;
  readonly amountWei: bigint;
  readonly workerWei: bigint;
  readonly platformWei: bigint;
}

/** A range of the ledger, and what was owed before it. */
export interface EpochRange {
  readonly networkId: string;
  readonly chainId: number;
  /** Address of RosRewards. */
  readonly rewards: string;
  readonly epoch: number;
  /** The platform's share in basis points. */
  readonly feeBps: number;
  /** ms: of the first and the last entry. */
  readonly from: number;
  readonly to: number;
  /** The leaves of the epoch before; none for the first. */
  readonly before: readonly Earned[];
  /** What divisions of earlier epochs left over. */
  readonly carriedBeforeWei: bigint;
  readonly receipts: readonly SettledReceipt[];
}

/** Sums of an epoch, wei of ROS: carriedBefore + paid = earned + platform + carried. */
export interface EpochSums {
  readonly paidWei: bigint;
  readonly earnedWei: bigint;
  readonly platformWei: bigint;
  readonly carriedWei: bigint;
  /** Sum of all leaves: what `publish` is told. */
  readonly totalWei: bigint;
}

/** All of an epoch: what its public file says, and the tree that is published. */
export interface Epoch {
  readonly header: HeaderLine;
  /** By address. */
  readonly payees: readonly PayeeLine[];
  /** By ticket. */
  readonly receipts: readonly ReceiptLine[];
  readonly sums: EpochSums;
  readonly tree: RewardsTree;
}

/**
 * Computes an epoch from a range of the ledger. Pure: the same range gives the same bytes in any order of its
 * receipts and leaves, so that two processes can build it and compare.
 * @throws RiosError SETTLEMENT_EPOCH when a ticket is paid twice, a charge is unfair, or nobody has earned anything
 */
export function buildEpoch(range: EpochRange): Epoch {
  checkCharges(range.receipts, range.feeBps);
  const receipts = range.receipts.map(lineOf).sort((a, b) => (a.ticket < b.ticket ? -1 : 1));
  const payees = payeesOf(range.before, receipts);
  if (payees.length === 0) throw refused(`nobody has earned anything up to epoch ${range.epoch}`);
  const sums = sumsOf(payees, receipts, range.carriedBeforeWei);
  if (sums.carriedWei < 0n) throw refused('more is paid out than was paid in');
  const { networkId, chainId, epoch, feeBps, from, to } = range;
  const header: HeaderLine = {
    kind: 'header',
    format: 'rios.receipts/1',
    networkId,
    chainId,
    rewards: range.rewards.toLowerCase(),
    epoch,
    feeBps,
    from,
    to,
    carriedBeforeWei: String(range.carriedBeforeWei),
    payees: payees.length,
    receipts: receipts.length,
  };
  return { header, payees, receipts, sums, tree: createRewardsTree(payees.map(leafOf)) };
}

/** The leaf of a line. */
export const leafOf = ({ account, cumulativeWei }: PayeeLine): Earned => ({
  account,
  cumulativeWei: BigInt(cumulativeWei),
});

const lineOf = ({ receipt, signed, ...charge }: SettledReceipt): ReceiptLine => ({
  kind: 'receipt',
  ticket: receipt.ticketNonce,
  worker: receipt.worker,
  account: charge.account.toLowerCase(),
  payer: charge.payer,
  units: charge.units,
  priceWei: String(charge.priceWei),
  amountWei: String(charge.amountWei),
  workerWei: String(charge.workerWei),
  platformWei: String(charge.platformWei),
  payload: signed.payload,
  signature: signed.signature,
});

/** The amounts of a line as numbers. */
export const amountsOf = (line: ReceiptLine) => ({
  units: line.units,
  priceWei: BigInt(line.priceWei),
  amountWei: BigInt(line.amountWei),
  workerWei: BigInt(line.workerWei),
  platformWei: BigInt(line.platformWei),
});

function checkCharges(receipts: readonly SettledReceipt[], feeBps: number): void {
  const seen = new Set<string>();
  for (const { receipt, ...charge } of receipts) {
    const ticket = receipt.ticketNonce;
    if (seen.has(ticket)) throw refused('a ticket is paid for twice', { ticket });
    seen.add(ticket);
    const problem = unfairness(charge, receipt, feeBps);
    if (problem !== undefined) throw refused(problem, { ticket });
  }
}

function payeesOf(before: readonly Earned[], receipts: readonly ReceiptLine[]): PayeeLine[] {
  const owed = new Map(before.map(({ account, cumulativeWei }) => [account.toLowerCase(), cumulativeWei]));
  if (owed.size < before.length) throw refused('an account has two leaves in the epoch before');
  const earned = new Map<string, bigint>();
  for (const { account, workerWei } of receipts)
    earned.set(account, (earned.get(account) ?? 0n) + BigInt(workerWei));
  return [...new Set([...owed.keys(), ...earned.keys()])]
    .sort()
    .map((account) => payeeOf(account, owed.get(account) ?? 0n, earned.get(account) ?? 0n))
    .filter(({ cumulativeWei }) => cumulativeWei !== '0');
}

const payeeOf = (account: string, before: bigint, earned: bigint): PayeeLine => ({
  kind: 'payee',
  account,
  beforeWei: String(before),
  earnedWei: String(earned),
  cumulativeWei: String(before + earned),
});

function sumsOf(
  payees: readonly PayeeLine[],
  receipts: readonly ReceiptLine[],
  carriedBeforeWei: bigint,
): EpochSums {
  const sum = (texts: readonly string[]) => texts.reduce((total, text) => total + BigInt(text), 0n);
  const paidWei = sum(receipts.map(({ amountWei }) => amountWei));
  const earnedWei = sum(receipts.map(({ workerWei }) => workerWei));
  const platformWei = sum(receipts.map((line) => line.platformWei));
  const carriedWei = carriedBeforeWei + paidWei - earnedWei - platformWei;
  return {
    paidWei,
    earnedWei,
    platformWei,
    carriedWei,
    totalWei: sum(payees.map((one) => one.cumulativeWei)),
  };
}

const refused = (message: string, details: Record<string, unknown> = {}) =>
  new RiosError('SETTLEMENT_EPOCH', message, { details });
