import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { RiosError, toRiosError } from '@rios/sdk/errors/error';
import type { Parser, ReadEntry } from 'tar';

/** One entry of a tar, as it is written there. */
export interface TarEntry {
  readonly path: string;
  readonly kind: 'file' | 'folder' | 'link' | 'other';
  /** Where a symbolic link leads. */
  readonly target: string;
  readonly isExecutable: boolean;
  readonly sizeBytes: number;
  /** Its bytes; to be read once, or not at all. */
  readonly bytes: AsyncIterable<Uint8Array>;
}

/** What a tar may hold, unpacked. */
export interface TarLimits {
  readonly maxBytes: number;
  readonly maxEntries: number;
}

const KINDS: Readonly<Record<string, TarEntry['kind']>> = {
  File: 'file',
  OldFile: 'file',
  ContiguousFile: 'file',
  Directory: 'folder',
  SymbolicLink: 'link',
};

/**
 * Reads a tar (gzip or not) entry by entry; each visit ends before the next begins.
 * Throws DEPLOY_FOLDER for what is no tar or exceeds a limit, USER_INTERRUPTED, and what `visit` throws.
 */
export async function readTar(
  file: string,
  { maxBytes, maxEntries }: TarLimits,
  visit: (entry: TarEntry) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const { Parser } = await import('tar');
  const reading = { failure: undefined as unknown, bytes: 0, entries: 0 };
  let current: ReadEntry | undefined;
  let visiting: Promise<void> = Promise.resolve();
  const fail = (error: unknown) => {
    reading.failure ??= error;
  };
  const visitNext = async (entry: ReadEntry) => {
    reading.bytes += entry.size;
    if (++reading.entries > maxEntries || reading.bytes > maxBytes)
      throw new RiosError(
        'DEPLOY_FOLDER',
        `unpacked it is larger than ${maxBytes} bytes or ${maxEntries} files`,
      );
    if (reading.failure === undefined) await visit(entryOf(entry));
  };
  const parser = new Parser({
    strict: true,
    onReadEntry(entry) {
      current = entry;
      // who reads it hears of it too
      entry.on('error', () => {});
      visiting = visiting
        .then(() => visitNext(entry))
        .catch(fail)
        .then(() => void entry.resume());
    },
  });
  try {
    await feed(parser, createReadStream(file, { highWaterMark: 256 * 1024, signal }), reading);
  } catch (error) {
    fail(tarError(error, signal));
    // an entry that is cut off would be waited for
    current?.destroy(error);
  }
  await visiting;
  if (reading.failure !== undefined) throw toRiosError(reading.failure);
}

/** Gives the parser all bytes, or as many as it takes until reading failed. Throws what the parser says. */
async function feed(
  parser: Parser,
  bytes: AsyncIterable<Uint8Array>,
  reading: { readonly failure: unknown },
): Promise<void> {
  const ended = Promise.withResolvers<void>();
  ended.promise.catch(() => {});
  parser.once('end', ended.resolve);
  parser.once('error', ended.reject);
  for await (const piece of bytes) {
    if (reading.failure !== undefined) return;
    if (!parser.write(Buffer.from(piece))) await Promise.race([once(parser, 'drain'), ended.promise]);
  }
  parser.end();
  await ended.promise;
}

function tarError(error: unknown, signal: AbortSignal): unknown {
  if (signal.aborted) return new RiosError('USER_INTERRUPTED', 'the reading was cancelled', { cause: error });
  if (typeof (error as { syscall?: unknown }).syscall === 'string') return error;
  const { message } = toRiosError(error);
  return new RiosError('DEPLOY_FOLDER', `it is no tar: ${message}`, { cause: error });
}

const entryOf = (entry: ReadEntry): TarEntry => ({
  path: String(entry.path),
  kind: KINDS[String(entry.type)] ?? 'other',
  target: String(entry.linkpath ?? ''),
  isExecutable: ((entry.mode ?? 0) & 0o100) !== 0,
  sizeBytes: entry.size,
  bytes: entry,
});
