import { createHash } from 'node:crypto';
import type { Sha256 } from '../ids.ts';
import { formatCanonical } from './canonical-json.ts';
import type { Epoch } from './epoch.ts';
import { createLineRoot } from './line-root.ts';
import type { EndLine } from './receipts-format.ts';

/** What a receipts file is known by. */
export interface WrittenReceipts {
  /** Its content address. */
  readonly sha256: Sha256;
  readonly sizeBytes: number;
  /** What `publish` is told: over every line but the last, which follows from them. */
  readonly receiptsRoot: string;
}

/** The public file of an epoch, line by line, each with its line feed; at its end gives what it is known by. Pure. */
export function* formatReceiptsFile(epoch: Epoch): Generator<string, WrittenReceipts, undefined> {
  const lines = createLineRoot();
  const hash = createHash('sha256');
  let sizeBytes = 0;
  const feed = (text: string): string => {
    const bytes = Buffer.from(`${text}\n`);
    hash.update(bytes);
    sizeBytes += bytes.length;
    return `${text}\n`;
  };
  const { header, payees, receipts } = epoch;
  for (const part of [[header], payees, receipts]) {
    for (const line of part) {
      const text = formatCanonical({ ...line });
      lines.add(Buffer.from(text));
      yield feed(text);
    }
  }
  const receiptsRoot = lines.root();
  yield feed(formatCanonical({ ...endOf(epoch, receiptsRoot) }));
  return { sha256: hash.digest('hex') as Sha256, sizeBytes, receiptsRoot };
}

function endOf({ sums, tree }: Epoch, receiptsRoot: string): EndLine {
  return {
    kind: 'end',
    paidWei: String(sums.paidWei),
    earnedWei: String(sums.earnedWei),
    platformWei: String(sums.platformWei),
    carriedWei: String(sums.carriedWei),
    totalWei: String(sums.totalWei),
    root: tree.root,
    receiptsRoot,
  };
}
