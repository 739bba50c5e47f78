import { RiosError } from '../errors/error.ts';
import { type ComputedPayees, createOrderCheck, createPayees } from './check-payees.ts';
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
  receiptLineSchema,
} from './receipts-format.ts';

/** What the lines of a file come to, computed anew. */
export interface ComputedEpoch extends EpochSums, ComputedPayees {
  readonly receiptsRoot: string;
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

export function createFileLines(findings: Findings): FileLines {
  const payees = createPayees(findings);
  const receipts = createReceiptSums(findings, payees.credit);
  const lines = createLineRoot();
  let header: HeaderLine | undefined;
  let stated: EndLine | undefined;
  let count = 0;
  const take = (bytes: Buffer): void => {
    count++;
    if (stated !== undefined) throw unreadable('there is more after the end');
    if (header === undefined) header = parseLine(bytes, headerLineSchema, 'header of a receipts file');
    else if (count <= 1 + header.payees) payees.take(bytes, count);
    else if (count <= 1 + header.payees + header.receipts) receipts.take(bytes, count, header);
    else stated = parseLine(bytes, endLineSchema, 'end of a receipts file');
    if (stated === undefined) lines.add(bytes);
  };
  const end = (): ComputedEpoch => {
    if (header === undefined) throw unreadable('the file is empty');
    const due = header.payees + header.receipts + 2;
    if (stated === undefined) throw unreadable(`the file ends after line ${count} of ${due}`);
    const sums = receipts.end(BigInt(header.carriedBeforeWei));
    const computed = { ...payees.end(), ...sums, receiptsRoot: lines.root() };
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

function createReceiptSums(findings: Findings, credit: (account: string, wei: bigint, line: number) => void) {
  const inOrder = createOrderCheck(findings, 'receipt');
  let [paidWei, earnedWei, platformWei] = [0n, 0n, 0n];
  return {
    take: (bytes: Buffer, at: number, header: HeaderLine): void => {
      const line = parseLine(bytes, receiptLineSchema, 'receipt');
      inOrder(line.ticket, at);
      const fault = faultOf(line, header);
      if (fault !== undefined) findings.add(fault.kind, fault.message, { line: at });
      const workerWei = BigInt(line.workerWei);
      credit(line.account, workerWei, at);
      paidWei += BigInt(line.amountWei);
      earnedWei += workerWei;
      platformWei += BigInt(line.platformWei);
    },
    end: (carriedBeforeWei: bigint) => {
      const carriedWei = carriedBeforeWei + paidWei - earnedWei - platformWei;
      return { paidWei, earnedWei, platformWei, carriedWei };
    },
  };
}

/** No end can state a negative remainder: where more was paid out than in, what it states differs. */
function compareEnd(stated: EndLine, computed: ComputedEpoch, findings: Findings): void {
  for (const name of ['paidWei', 'earnedWei', 'platformWei', 'carriedWei', 'totalWei'] as const) {
    const values = { expected: String(computed[name]), actual: stated[name] };
    findings.compare('sum', `the sum ${name} at the end is another`, values);
  }
  const { root, receiptsRoot } = computed;
  findings.compare('root', 'the root at the end is another', { expected: root, actual: stated.root });
  const values = { expected: receiptsRoot, actual: stated.receiptsRoot };
  findings.compare('receipts-root', 'the receipts root at the end is another', values);
}

const unreadable = (message: string) => new RiosError('INTEGRITY_RECEIPTS', message);
