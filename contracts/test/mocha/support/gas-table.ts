import type { Gas } from './gas.ts';

/** What an operation may cost; README.md says where each bar comes from. */
export const BARS = [
  { operation: 'publish, later, 1,000 leaves', most: 101_000 },
  { operation: 'publish, later, 20,000 leaves', most: 101_000 },
  { operation: 'claim, later, 1,000 leaves', most: 55_000 },
  { operation: 'claim, later, 20,000 leaves', most: 59_000 },
  { operation: 'claim, first, new holder, 1,000 leaves', most: 90_000 },
  { operation: 'claim, later, each of 100, 1,000 leaves', most: 25_000 },
  { operation: 'collect, first, each of 100', most: 19_500 },
  { operation: 'collect, later, each of 100', most: 19_500 },
  { operation: 'tryCollect, later, each of 100', most: 19_500 },
  { operation: 'register and stake', most: 180_000 },
] as const;

/** Other designs for the same purpose, measured with the same token, compiler and settings. */
const ANCHORS: Record<string, string> = {
  'publish, later, 1,000 leaves':
    '1inch CumulativeMerkleDrop.setMerkleRoot 30,353: no money, no delay, no veto',
  'claim, later, 1,000 leaves': '1inch 54,558; Uniswap MerkleDistributor 53,567 to 70,641',
  'claim, later, 20,000 leaves': '1inch 57,943',
  'claim, first, new holder, 1,000 leaves': '1inch 88,766; Uniswap 70,659, and a new contract per epoch',
  'claim, first, holder, 1,000 leaves': '1inch 71,632',
  'claim, later, each of 100, 1,000 leaves':
    'paying out in a loop: 9,909 each, in every epoch, whatever it is worth',
  'transfer to a holder': 'ERC20Votes 39,227, and 104,582 with delegates',
};

const BEGIN = '<!-- gas: written by npm run contracts:gas -->';
const END = '<!-- /gas -->';

/** The part of a README between the marks, marks included. */
export function readTable(text: string): string {
  const [begin, end] = [text.indexOf(BEGIN), text.indexOf(END)];
  if (begin === -1 || end === -1) throw new Error('contracts/README.md has lost the marks of its gas table');
  return text.slice(begin, end + END.length);
}

export function tableOf(gas: Gas): string {
  const bars = new Map<string, number>(BARS.map(({ operation, most }) => [operation, most]));
  const figure = (value: number | undefined) => value?.toLocaleString('en') ?? '';
  const rows = Object.entries(gas).map(
    ([operation, used]) =>
      `| ${operation} | ${figure(used)} | ${figure(bars.get(operation))} | ${ANCHORS[operation] ?? ''} |`,
  );
  return [BEGIN, '| operation | gas | bar | beside |', '|---|--:|--:|---|', ...rows, END].join('\n');
}
