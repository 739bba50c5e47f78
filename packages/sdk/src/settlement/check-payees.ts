import type { Findings } from './findings.ts';
import { parseLine } from './parse-line.ts';
import { payeeLineSchema } from './receipts-format.ts';
import { createRewardsTree, type Earned } from './rewards-tree.ts';

/** What the payees of a file come to, computed anew; wei of ROS. */
export interface ComputedPayees {
  readonly root: string;
  readonly totalWei: bigint;
  /** Root of the epoch before; undefined when nobody was owed anything. */
  readonly rootBefore: string | undefined;
  readonly totalBeforeWei: bigint;
}

/** The payees of a file: all of it that is held in memory. */
export interface Payees {
  /** @throws RiosError INTEGRITY_RECEIPTS */
  take(bytes: Buffer, line: number): void;
  /** What a receipt on this line gives to an account. */
  credit(account: string, wei: bigint, line: number): void;
  /** After the last receipt. */
  end(): ComputedPayees;
}

interface Payee {
  readonly line: number;
  readonly before: bigint;
  readonly earned: bigint;
  readonly cumulative: bigint;
  credited: bigint;
}

export function createPayees(findings: Findings): Payees {
  const payees = new Map<string, Payee>();
  const inOrder = createOrderCheck(findings, 'payee');
  return {
    take: (bytes, line) => {
      const { account, beforeWei, earnedWei, cumulativeWei } = parseLine(bytes, payeeLineSchema, 'payee');
      const [before, earned, cumulative] = [BigInt(beforeWei), BigInt(earnedWei), BigInt(cumulativeWei)];
      inOrder(account, line);
      const values = { expected: before + earned, actual: cumulative, line };
      findings.compare('sum', 'before and earned do not make the cumulative amount', values);
      payees.set(account, { line, before, earned, cumulative, credited: 0n });
    },
    credit: (account, wei, line) => {
      const payee = payees.get(account);
      if (payee === undefined) findings.add('sum', `${account} is no payee of this file`, { line });
      else payee.credited += wei;
    },
    end: () => {
      comparePayees(payees, findings);
      return compute(payees);
    },
  };
}

/** Ascending and none twice: so that doubles are seen with one key in memory. */
export function createOrderCheck(findings: Findings, what: string): (key: string, line: number) => void {
  let last = '';
  return (key, line) => {
    if (key === last) findings.add('doubled', `this ${what} stands twice`, { line });
    else if (key < last) findings.add('order', `this ${what} stands out of order`, { line });
    last = key;
  };
}

function comparePayees(payees: ReadonlyMap<string, Payee>, findings: Findings): void {
  for (const [account, { line, earned, credited, cumulative }] of payees) {
    const values = { expected: credited, actual: earned, line };
    findings.compare('sum', `the receipts of ${account} come to another sum`, values);
    if (cumulative === 0n) findings.add('sum', `${account} is owed nothing`, { line });
  }
}

function compute(payees: ReadonlyMap<string, Payee>): ComputedPayees {
  const leaves: Earned[] = [];
  const before: Earned[] = [];
  for (const [account, payee] of payees) {
    leaves.push({ account, cumulativeWei: payee.cumulative });
    if (payee.before > 0n) before.push({ account, cumulativeWei: payee.before });
  }
  return {
    root: createRewardsTree(leaves).root,
    totalWei: sumOf(leaves),
    rootBefore: before.length === 0 ? undefined : createRewardsTree(before).root,
    totalBeforeWei: sumOf(before),
  };
}

const sumOf = (leaves: readonly Earned[]): bigint =>
  leaves.reduce((sum, { cumulativeWei }) => sum + cumulativeWei, 0n);
