import { formatCanonical } from '@rios/sdk/settlement/canonical-json';
import { createLineRoot } from '@rios/sdk/settlement/line-root';
import type { EndLine, HeaderLine, PayeeLine, ReceiptLine } from '@rios/sdk/settlement/receipts-format';
import { createRewardsTree } from '@rios/sdk/settlement/rewards-tree';

/** A receipts file as lines that can be changed. */
export interface OpenedFile {
  header: HeaderLine;
  payees: PayeeLine[];
  receipts: ReceiptLine[];
}

/** The lines of a good file. */
export function openFile(text: string): OpenedFile {
  const [header, ...lines] = text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  return {
    header,
    payees: lines.filter(({ kind }) => kind === 'payee'),
    receipts: lines.filter(({ kind }) => kind === 'receipt'),
  };
}

/** Writes what a liar would: end, both roots and counts agree with the lines, whatever those say. */
export function reseal({ header, payees, receipts }: OpenedFile): string {
  const sum = (texts: readonly string[]) => texts.reduce((total, text) => total + BigInt(text), 0n);
  const paid = sum(receipts.map(({ amountWei }) => amountWei));
  const earned = sum(receipts.map(({ workerWei }) => workerWei));
  const platform = sum(receipts.map(({ platformWei }) => platformWei));
  const counted = { ...header, payees: payees.length, receipts: receipts.length };
  const lines = [counted, ...payees, ...receipts].map((line) => formatCanonical({ ...line }));
  const tree = createLineRoot();
  for (const line of lines) tree.add(Buffer.from(line));
  const leaves = payees.map((one) => ({ account: one.account, cumulativeWei: BigInt(one.cumulativeWei) }));
  const end: EndLine = {
    kind: 'end',
    paidWei: String(paid),
    earnedWei: String(earned),
    platformWei: String(platform),
    carriedWei: String(BigInt(header.carriedBeforeWei) + paid - earned - platform),
    totalWei: String(sum(payees.map(({ cumulativeWei }) => cumulativeWei))),
    root: createRewardsTree(leaves).root,
    receiptsRoot: tree.root(),
  };
  return `${[...lines, formatCanonical({ ...end })].join('\n')}\n`;
}

/** Gives each payee what the receipts say. */
export function creditAll({ header, payees, receipts }: OpenedFile): OpenedFile {
  const credited = payees.map((payee) => {
    const own = receipts.filter(({ account }) => account === payee.account);
    const earned = own.reduce((total, { workerWei }) => total + BigInt(workerWei), 0n);
    const cumulativeWei = String(BigInt(payee.beforeWei) + earned);
    return { ...payee, earnedWei: String(earned), cumulativeWei };
  });
  return { header, payees: credited, receipts };
}
