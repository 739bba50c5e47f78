import { createReadStream } from 'node:fs';
import { RiosError } from '@rios/sdk/errors/error';
import { leafOf } from '@rios/sdk/settlement/epoch';
import { parseLine } from '@rios/sdk/settlement/parse-line';
import { readLines } from '@rios/sdk/settlement/read-lines';
import {
  headerLineSchema,
  MAX_FILE_BYTES,
  MAX_LINE_BYTES,
  payeeLineSchema,
} from '@rios/sdk/settlement/receipts-format';
import type { Earned } from '@rios/sdk/settlement/rewards-tree';

/** The leaves that a receipts file begins with, by account. @throws RiosError INTEGRITY_RECEIPTS */
export async function readFileLeaves(file: string): Promise<Earned[]> {
  const leaves: Earned[] = [];
  const stream = createReadStream(file);
  let payees: number | undefined;
  try {
    for await (const line of readLines(stream, { maxLineBytes: MAX_LINE_BYTES, maxBytes: MAX_FILE_BYTES })) {
      if (payees === undefined) ({ payees } = parseLine(line, headerLineSchema, 'header'));
      else leaves.push(leafOf(parseLine(line, payeeLineSchema, 'payee')));
      if (leaves.length === payees) return leaves;
    }
  } finally {
    stream.destroy();
  }
  throw new RiosError('INTEGRITY_RECEIPTS', 'a receipts file ends before its payees do');
}
