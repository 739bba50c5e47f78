import { type FileHandle, mkdir, open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { RiosError } from '@rios/sdk/errors/error';
import { z } from 'zod';

/** What a journal was made with; another one cannot be replayed on it. */
export const journalHeaderSchema = z.strictObject({
  format: z.literal('rios-dev-chain/1'),
  engine: z.string().max(64),
  hardfork: z.string().max(32),
  chainId: z.int().positive(),
  /** Seconds since 1970. */
  genesisTime: z.int().positive(),
  genesisHash: z.string().regex(/^0x[0-9a-f]{64}$/),
  /** Of the database that follows this chain: the two belong together. */
  storeId: z.string().max(128),
});
export type JournalHeader = z.infer<typeof journalHeaderSchema>;

/** One block: with the one signed transaction in it, or empty (time was moved on). */
export interface JournalEntry {
  /** Seconds since 1970 of the block. */
  readonly timestamp: number;
  /** 0x and hex; null = an empty block. */
  readonly raw: string | null;
  /** Hash of the block. */
  readonly hash: string;
}

/** An append-only file: a header, then one line for each block. */
export interface Journal {
  readonly header: JournalHeader;
  readonly entries: readonly JournalEntry[];
  /** Resolves when the entry is on the disk. @throws RiosError CAPACITY_DISK, and nothing can be appended after it */
  append(entry: JournalEntry): Promise<void>;
  close(): Promise<void>;
}

const LINE = /^(\d{1,12}) (0x[0-9a-f]+|-) (0x[0-9a-f]{64})$/;

/** Begins a journal, whole or not at all; the caller has made sure that there is none. */
export async function createJournal(path: string, header: JournalHeader): Promise<Journal> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const draft = `${path}.new`;
  const file = await open(draft, 'w', 0o600);
  try {
    const text = `${JSON.stringify(header)}\n`;
    await file.writeFile(text);
    await file.sync();
    await rename(draft, path);
    await syncDirectory(dirname(path));
    return journalOn(file, header, [], Buffer.byteLength(text));
  } catch (cause) {
    await file.close();
    throw appendError(cause);
  }
}

/**
 * Reads a journal and takes up its end; a last line that was cut off by a kill was never acknowledged and is dropped.
 * Undefined when there is none. @throws RiosError CHAIN_JOURNAL when anything before its last line is damaged
 */
export async function openJournal(path: string): Promise<Journal | undefined> {
  const file = await open(path, 'r+').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (file === undefined) return undefined;
  try {
    const text = await file.readFile('utf8');
    const whole = text.slice(0, text.lastIndexOf('\n') + 1);
    const [first, ...lines] = whole.split('\n').slice(0, -1);
    const header = parseHeader(path, first);
    const entries = lines.map((line, index) => parseEntry(path, line, index + 2));
    const sizeBytes = Buffer.byteLength(whole);
    await file.truncate(sizeBytes);
    return journalOn(file, header, entries, sizeBytes);
  } catch (error) {
    await file.close();
    throw error;
  }
}

function journalOn(
  file: FileHandle,
  header: JournalHeader,
  entries: readonly JournalEntry[],
  begin: number,
): Journal {
  let position = begin;
  let failure: unknown;
  let isOpen = true;
  return {
    header,
    entries,
    append: async ({ timestamp, raw, hash }) => {
      if (failure !== undefined) throw failure;
      const line = Buffer.from(`${timestamp} ${raw ?? '-'} ${hash}\n`);
      try {
        await writeAll(file, line, position);
        await file.datasync();
        position += line.length;
      } catch (cause) {
        failure = appendError(cause);
        throw failure;
      }
    },
    close: async () => {
      if (isOpen) await file.close();
      isOpen = false;
    },
  };
}

/** A disk that runs full takes the beginning of a line without an error. */
async function writeAll(file: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await file.write(bytes, done, bytes.length - done, position + done);
    done += bytesWritten;
  }
}

function parseHeader(path: string, line: string | undefined): JournalHeader {
  try {
    return journalHeaderSchema.parse(JSON.parse(line ?? ''));
  } catch (cause) {
    throw damaged(path, 1, cause);
  }
}

function parseEntry(path: string, line: string, number: number): JournalEntry {
  const [, timestamp, raw, hash] = LINE.exec(line) ?? [];
  if (timestamp === undefined || raw === undefined || hash === undefined) throw damaged(path, number);
  return { timestamp: Number(timestamp), raw: raw === '-' ? null : raw, hash };
}

const damaged = (path: string, line: number, cause?: unknown) =>
  new RiosError('CHAIN_JOURNAL', `the journal of the dev chain is damaged in line ${line}`, {
    details: { path, line },
    cause,
  });

function appendError(cause: unknown): RiosError {
  const { code } = cause as NodeJS.ErrnoException;
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new RiosError('CAPACITY_DISK', 'the disk is full: the dev chain cannot go on', { cause });
  }
  return new RiosError('CHAIN_JOURNAL', `the journal cannot be written (${code ?? String(cause)})`, {
    cause,
  });
}

async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
