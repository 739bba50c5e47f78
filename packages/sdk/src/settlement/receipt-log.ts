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

/** The lines of one file that are the newest of their tickets. Cheaper than reading: what else they say is not checked. */
export async function newestLines(file: string): Promise<string[]> {
  const newest = new Map<string, { readonly units: number; readonly line: string }>();
  for await (const line of linesOf(file)) {
    const standing = parseStanding(line);
    if (standing === undefined) continue;
    const { ticketNonce, units } = standing;
    if ((newest.get(ticketNonce)?.units ?? -1) <= units) newest.set(ticketNonce, { units, line });
  }
  return Array.from(newest.values(), ({ line }) => line);
}

async function readFileInto(newest: Map<string, KeptReceipt>, file: string): Promise<void> {
  for await (const line of linesOf(file)) {
    const kept = parseLine(line);
    if (kept === undefined) continue;
    const { ticketNonce, units } = kept.receipt;
    if ((newest.get(ticketNonce)?.receipt.units ?? -1) <= units) newest.set(ticketNonce, kept);
  }
}

/** None when there is no such file. */
async function* linesOf(file: string): AsyncGenerator<string> {
  const opened = await open(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (opened !== undefined) yield* opened.readLines();
}

/** Undefined for a line that was torn, and for the empty one after it. */
function parseLine(line: string): KeptReceipt | undefined {
  try {
    const { at, ...signed } = lineSchema.parse(JSON.parse(line));
    return { signed, receipt: receiptSchema.parse(payloadOf(signed)), at };
  } catch {
    return undefined; // not whole
  }
}

const standingSchema = receiptSchema.pick({ ticketNonce: true, units: true }).loose();

function parseStanding(line: string): z.infer<typeof standingSchema> | undefined {
  try {
    return standingSchema.parse(payloadOf(lineSchema.parse(JSON.parse(line))));
  } catch {
    return undefined; // not whole
  }
}

const payloadOf = ({ payload }: Signed): unknown =>
  JSON.parse(Buffer.from(fromBase64url(payload)).toString());
