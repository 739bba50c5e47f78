import { formatRos } from '@rios/sdk/chain/amounts';
import type { RouteExplanation } from '@rios/sdk/schema/api';
import type { Shape } from '@rios/sdk/schema/route';
import { type Comparison, TOLERANCE } from './compare.ts';

/** What `npm run demo -- --json` prints. */
export interface DemoAnswer {
  readonly text: string;
  readonly referenceMatch: boolean;
  readonly shape: Shape;
  readonly tokens: number;
  readonly tokensPerSecond: number;
  readonly ttftMs: number;
  readonly workers: readonly {
    readonly id: string;
    readonly parts: readonly string[];
    readonly expertCalls: number;
  }[];
  readonly settlement?: DemoSettlement;
}

/** How the epoch of the demo was settled. */
export interface DemoSettlement {
  readonly epoch: number;
  /** 0x and 64 hex digits. */
  readonly root: string;
  /** All that the settling account ever sent. */
  readonly transactions: number;
  /** Whether a stranger, from the public file and the chain alone, computes the same. */
  readonly auditEqual: boolean;
}

/** What happened around it. */
export interface DemoStory {
  /** Calls of experts that were paid for. */
  readonly expertCalls: number;
  /** What a voucher took out of the payer's deposit, wei of ROS. */
  readonly collected: string;
  /** What each worker's wallet got, wei of ROS. */
  readonly paid: readonly { readonly wallet: string; readonly wei: string }[];
  /** As `rios billing invoice` prints it. */
  readonly invoice: string;
}

/** What the text for people needs beside it. */
export interface DemoDetails {
  readonly prompt: string;
  readonly comparison: Comparison;
  readonly shares: RouteExplanation['shares'];
  /** No worker holds all experts of any layer. */
  readonly isSpread: boolean;
  readonly story?: DemoStory;
}

/** The answer, who computed what, how fast, and the check. */
export function reportText(answer: DemoAnswer, details: DemoDetails): string {
  const head = ['worker', 'peer', 'parts', 'expert calls', 'share of expert work'];
  const speed = `${answer.tokensPerSecond.toFixed(1)} tokens/s, first after ${Math.round(answer.ttftMs)} ms`;
  return [
    '',
    `${details.prompt}${answer.text}`,
    '',
    table(head, rowsOf(answer, details)),
    '',
    `${answer.tokens} tokens, ${speed}, shape ${answer.shape}`,
    details.isSpread
      ? 'no worker holds all experts of a layer'
      : 'NOT SPREAD: a worker holds all experts of a layer',
    verdict(details.comparison),
    ...settlementLines(answer, details),
  ].join('\n');
}

function settlementLines({ settlement }: DemoAnswer, { story }: DemoDetails): string[] {
  if (settlement === undefined || story === undefined) return [];
  const { epoch, root, transactions, auditEqual } = settlement;
  return [
    '',
    story.invoice.trimEnd(),
    '',
    table(
      ['wallet of a worker', 'got'],
      story.paid.map(({ wallet, wei }) => [wallet, formatRos(BigInt(wei), { unit: true })]),
    ),
    '',
    `${formatRos(BigInt(story.collected), { unit: true })} were collected from the deposit`,
    `epoch ${epoch} is on the chain with root ${root}`,
    `${transactions} transactions settled ${story.expertCalls} calls of experts`,
    auditEqual ? 'audit: equal' : 'AUDIT: NOT EQUAL',
  ];
}

function rowsOf(answer: DemoAnswer, details: DemoDetails): string[][] {
  return answer.workers.map(({ id, parts, expertCalls }) => {
    const share = details.shares.find(({ workerId }) => workerId === id);
    const percent = share === undefined ? '' : `${(share.expertShare * 100).toFixed(0)} %`;
    return [share?.name ?? '', `…${id.slice(-8)}`, summarise(parts), String(expertCalls), percent];
  });
}

function verdict({ match, tokensEqual, promptEqual, bestEqual, maxAbs }: Comparison): string {
  const error = `largest difference of a log-probability ${maxAbs.toExponential(1)} (allowed ${TOLERANCE})`;
  if (match) return `reference match: all tokens equal, ${error}`;
  return `REFERENCE MISMATCH: tokens ${tokensEqual}, prompt ids ${promptEqual}, best per position ${bestEqual}; ${error}`;
}

/** For example `embed, head, 4 trunk layers, 8 expert groups`. */
function summarise(parts: readonly string[]): string {
  const count = (prefix: string) => parts.filter((part) => part.startsWith(prefix)).length;
  const trunk = count('trunk.');
  const experts = count('experts.');
  return [
    ...parts.filter((part) => part === 'embed' || part === 'head'),
    ...(trunk > 0 ? [`${trunk} trunk layers`] : []),
    ...(experts > 0 ? [`${experts} expert groups`] : []),
  ].join(', ');
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, at) =>
    Math.max(title.length, ...rows.map((row) => (row[at] ?? '').length)),
  );
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join('  ')
      .trimEnd();
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}
