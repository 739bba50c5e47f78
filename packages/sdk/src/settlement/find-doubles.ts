import { RiosError } from '../errors/error.ts';
import { createFindings, type Findings } from './findings.ts';
import { parseLine } from './parse-line.ts';
import { readLines } from './read-lines.ts';
import {
  headerLineSchema,
  MAX_FILE_BYTES,
  MAX_LINE_BYTES,
  RECEIPTS_FORMAT,
  receiptLineSchema,
} from './receipts-format.ts';

/** A ticket that a file pays for. */
interface PaidTicket {
  readonly ticket: string;
  /** From 1. */
  readonly line: number;
  readonly epoch: number;
}

type Chunks = AsyncIterable<Uint8Array>;

/**
 * Tickets that are paid for in both of two epochs' files, as findings about the first. Reads both side by side, in
 * memory of one line each; says nothing else about either: audit each by itself.
 * @throws RiosError INTEGRITY_RECEIPTS when one is no receipts file, or its receipts are out of order
 */
export async function findDoubles(file: Chunks, earlier: Chunks, signal?: AbortSignal): Promise<Findings> {
  const findings = createFindings();
  const [ours, theirs] = [ticketsOf(file), ticketsOf(earlier)];
  try {
    let [own, other] = [await ours.next(), await theirs.next()];
    while (own.done !== true && other.done !== true) {
      signal?.throwIfAborted();
      if (own.value.ticket === other.value.ticket) {
        const message = `the ticket was paid for in epoch ${other.value.epoch} too, line ${other.value.line}`;
        findings.add('doubled', message, { line: own.value.line });
      }
      if (own.value.ticket <= other.value.ticket) own = await ours.next();
      else other = await theirs.next();
    }
  } finally {
    await Promise.all([ours.return(undefined), theirs.return(undefined)]);
  }
  return findings;
}

async function* ticketsOf(chunks: Chunks): AsyncGenerator<PaidTicket, undefined, undefined> {
  let line = 0;
  let last = '';
  let header: { readonly epoch: number; readonly first: number; readonly end: number } | undefined;
  for await (const bytes of readLines(chunks, { maxLineBytes: MAX_LINE_BYTES, maxBytes: MAX_FILE_BYTES })) {
    line++;
    if (header === undefined) {
      const { epoch, payees, receipts } = parseLine(bytes, headerLineSchema, `header of ${RECEIPTS_FORMAT}`);
      header = { epoch, first: 2 + payees, end: 2 + payees + receipts };
    } else if (line >= header.first && line < header.end) {
      const { ticket } = parseLine(bytes, receiptLineSchema, 'receipt');
      if (ticket <= last) throw unreadable(line);
      last = ticket;
      yield { ticket, line, epoch: header.epoch };
    }
  }
  return undefined;
}

const unreadable = (line: number) =>
  new RiosError('INTEGRITY_RECEIPTS', 'the receipts of a file are out of order', { details: { line } });
