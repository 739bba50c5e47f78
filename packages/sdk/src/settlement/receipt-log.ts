import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { fromBase64url } from '../crypto/hash.ts';
import { type Receipt, receiptSchema, type Signed, signedSchema } from '../schema/trust.ts';

/** Where a worker keeps what it signed, in its data directory. */
export const RECEIPT_LOG_DIRECTORY = 'receipts';
/** Its files, oldest first. A receipt may be in more than one of them. */
export const RECEIPT_LOG_FILES = {
  oldest: 'oldest.jsonl',
  older: 'older.jsonl',
  newest: 'newest.jsonl',
} as const;

const lineSchema = signedSchema.extend({ at: z.number() });

/** What a worker has signed for one ticket. */
export interface KeptReceipt {
  readonly signed: Signed;
  /** Read from the payload; its signature is not verified yet. */
  readonly receipt: Receipt;
  /** When it was signed, ms. */
  readonly at: number;
}

/** One line of a log, with its end. */
export const receiptLine = ({ payload, signature }: Signed, at: number): string =>
  `${JSON.stringify({ at, payload, signature })}\n`;

/**
 * The newest receipt for each ticket, in the order of tickets: those before it were interim. Lines that a crash has
 * torn are left out. Empty when there is no such file.
 */
export async function readReceiptLog(directory: string): Promise<KeptReceipt[]> {
  const newest = new Map<string, KeptReceipt>();
  for (const file of Object.values(RECEIPT_LOG_FILES)) await readFileInto(newest, join(directory, file));
  return [...newest.values()];
}

/** The same of one of its files. */
export async function readReceiptFile(file: string): Promise<KeptReceipt[]> {
  const newest = new Map<string, KeptReceipt>();
  await readFileInto(newest, file);
  return [...newest.values()];
}

async function readFileInto(newest: Map<string, KeptReceipt>, file: string): Promise<void> {
  const opened = await open(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (opened === undefined) return;
  for await (const line of opened.readLines()) {
    const kept = parseLine(line);
    if (kept === undefined) continue;
    const { ticketNonce, units } = kept.receipt;
    if ((newest.get(ticketNonce)?.receipt.units ?? -1) <= units) newest.set(ticketNonce, kept);
  }
}

function parseLine(line: string): KeptReceipt | undefined {
  try {
    const { at, ...signed } = lineSchema.parse(JSON.parse(line));
    const receipt = receiptSchema.parse(JSON.parse(Buffer.from(fromBase64url(signed.payload)).toString()));
    return { signed, receipt, at };
  } catch {
    return undefined; // a line that was torn, or the empty one after it
  }
}
