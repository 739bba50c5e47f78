import { RiosError } from '../errors/error.ts';
import { faultOf } from './check-receipt-line.ts';
import type { EpochSums } from './epoch.ts';
import type { Findings } from './findings.ts';
import { createLineRoot } from './line-root.ts';
import { parseLine } from './parse-line.ts';
import {
  type EndLine,
  endLineSchema,
  type HeaderLine,
  headerLineSchema,
  payeeLineSchema,
  receiptLineSchema,
} from './receipts-format.ts';
import { createRewardsTree, type Earned } from './rewards-tree.ts';

/** What the lines of a file come to, computed anew. */
export interface ComputedEpoch extends EpochSums {
  readonly root: string;
  readonly receiptsRoot: string;
  /** Root of the epoch before; undefined when nobody was owed anything. */
  readonly rootBefore: string | undefined;
  readonly totalBeforeWei: bigint;
}

/** Takes the lines of a receipts file one by one, and says what is wrong with them. */
export interface FileLines {
  /** @throws RiosError INTEGRITY_RECEIPTS when what follows cannot be understood any more */
  take(bytes: Buffer): void;
  /** After the last line. @throws RiosError INTEGRITY_RECEIPTS when lines are missing */
  end(): ComputedEpoch;
  readonly header: HeaderLine | undefined;
  /** Lines taken. */
  readonly count: number;
}

interface Payee {
  readonly line: number;
  readonly before: bigint;
  readonly earned: bigint;
  readonly cumulative: bigint;
  found: bigint;
}

interface Sums {
  paid: bigint;
  earned: bigint;
  platform: bigint;
}

export function createFileLines(findings: Findings): FileLines {
  const payees = new Map<string, Payee>();
  const sums: Sums = { paid: 0n, earned: 0n, platform: 0n };
  const lines = createLineRoot();
  let header: HeaderLine | undefined;
  let stated: EndLine | undefined;
  let count = 0;
  let last = '';

  const takePayee = (bytes: Buffer) => {
    const { account, ...amounts } = parseLine(bytes, payeeLineSchema, 'payee');
    const [before, earned] = [BigInt(amounts.beforeWei), BigInt(amounts.earnedWei)];
    const cumulative = BigInt(amounts.cumulativeWei);
    inOrder(account, 'payee');
    const line = count;
    findings.compare('sum', 'before and earned do not make the cumulative amount', {
      expected: before + earned,
      actual: cumulative,
      line,
    });
    payees.set(account, { line, before, earned, cumulative, found: 0n });
  };
  const takeReceipt = (bytes: Buffer, { networkId, feeBps }: HeaderLine) => {
    const line = parseLine(bytes, receiptLineSchema, 'receipt');
    inOrder(line.ticket, 'receipt');
    const fault = faultOf(line, { networkId, feeBps });
    if (fault !== undefined) findings.add(fault.kind, fault.message, { line: count });
    const payee = payees.get(line.account);
    if (payee === undefined) findings.add('sum', `${line.account} is no payee of this file`, { line: count });
    else payee.found += BigInt(line.workerWei);
    sums.paid += BigInt(line.amountWei);
    sums.earned += BigInt(line.workerWei);
    sums.platform += BigInt(line.platformWei);
  };
  /** Ascending and none twice: so the whole file is seen to have no double with one line in memory. */
  const inOrder = (key: string, what: string) => {
    if (key === last) findings.add('doubled', `this ${what} stands twice`, { line: count });
    else if (key < last) findings.add('order', `this ${what} stands out of order`, { line: count });
    last = key;
  };

  const take = (bytes: Buffer) => {
    count++;
    if (header === undefined) header = parseLine(bytes, headerLineSchema, 'header of a receipts file');
    else if (count <= 1 + header.payees) takePayee(bytes);
    else if (count <= 1 + header.payees + header.receipts) {
      if (count === 2 + header.payees) last = '';
      takeReceipt(bytes, header);
    } else if (stated === undefined) {
      stated = parseLine(bytes, endLineSchema, 'end of a receipts file');
      return;
    } else throw unreadable('there is more after the end');
    lines.add(bytes);
  };
  const end = (): ComputedEpoch => {
    if (header === undefined) throw unreadable('the file is empty');
    const due = header.payees + header.receipts + 2;
    if (stated === undefined) throw unreadable(`the file ends after line ${count} of ${due}`);
    const computed = compute({ header, payees, sums, receiptsRoot: lines.root() });
    comparePayees(payees, findings);
    compareEnd(stated, computed, findings);
    return computed;
  };
  return {
    take,
    end,
    get header() {
      return header;
    },
    get count() {
      return count;
    },
  };
}

interface Taken {
  readonly header: HeaderLine;
  readonly payees: ReadonlyMap<string, Payee>;
  readonly sums: Sums;
  readonly receiptsRoot: string;
}

function compute({ header, payees, sums, receiptsRoot }: Taken): ComputedEpoch {
  const leaves: Earned[] = [];
  const before: Earned[] = [];
  for (const [account, payee] of payees) {
    leaves.push({ account, cumulativeWei: payee.cumulative });
    if (payee.before > 0n) before.push({ account, cumulativeWei: payee.before });
  }
  const total = (list: readonly Earned[]) => list.reduce((sum, { cumulativeWei }) => sum + cumulativeWei, 0n);
  const { paid, earned, platform } = sums;
  return {
    root: createRewardsTree(leaves).root,
    rootBefore: before.length === 0 ? undefined : createRewardsTree(before).root,
    receiptsRoot,
    totalWei: total(leaves),
    totalBeforeWei: total(before),
    paidWei: paid,
    earnedWei: earned,
    platformWei: platform,
    carriedWei: BigInt(header.carriedBeforeWei) + paid - earned - platform,
  };
}

function comparePayees(payees: ReadonlyMap<string, Payee>, findings: Findings): void {
  for (const [account, { line, earned, found, cumulative }] of payees) {
    const values = { expected: found, actual: earned, line };
    findings.compare('sum', `the receipts of ${account} come to another sum`, values);
    if (cumulative === 0n) findings.add('sum', `${account} is owed nothing`, { line });
  }
}

function compareEnd(stated: EndLine, computed: ComputedEpoch, findings: Findings): void {
  for (const name of ['paidWei', 'earnedWei', 'platformWei', 'carriedWei', 'totalWei'] as const) {
    const values = { expected: String(computed[name]), actual: stated[name] };
    findings.compare('sum', `the sum ${name} at the end is another`, values);
  }
  if (computed.carriedWei < 0n) findings.add('sum', 'more was paid out than was paid in');
  const { root, receiptsRoot } = computed;
  findings.compare('root', 'the root at the end is another', { expected: root, actual: stated.root });
  const values = { expected: receiptsRoot, actual: stated.receiptsRoot };
  findings.compare('receipts-root', 'the receipts root at the end is another', values);
}

const unreadable = (message: string) => new RiosError('INTEGRITY_RECEIPTS', message);
