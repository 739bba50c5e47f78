import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { RiosError, toRiosError } from '@rios/sdk/errors/error';
import type { ReadEntry } from 'tar';

/** One entry of a tar, as it is written there. */
export interface TarEntry {
  readonly path: string;
  readonly kind: 'file' | 'folder' | 'link' | 'other';
  /** Where a link leads. */
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
  Link: 'link',
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
  let failure: unknown;
  let bytes = 0;
  let entries = 0;
  let visiting: Promise<void> = Promise.resolve();
  const fail = (error: unknown) => {
    failure ??= error;
  };
  const visitNext = async (entry: ReadEntry) => {
    bytes += entry.size;
    if (++entries > maxEntries || bytes > maxBytes)
      throw new RiosError(
        'DEPLOY_FOLDER',
        `unpacked it is larger than ${maxBytes} bytes or ${maxEntries} files`,
      );
    if (failure === undefined) await visit(entryOf(entry));
  };
  const parser = new Parser({
    strict: true,
    onReadEntry(entry) {
      visiting = Promise.all([visiting, visitNext(entry)])
        .catch(fail)
        .then(() => void entry.resume());
    },
  });
  const ended = new Promise<void>((resolve) => {
    parser.once('end', resolve);
    parser.once('error', (error: unknown) => {
      fail(new RiosError('DEPLOY_FOLDER', `it is no tar: ${toRiosError(error).message}`, { cause: error }));
      resolve();
    });
  });
  for await (const piece of createReadStream(file, { highWaterMark: 256 * 1024, signal })) {
    if (failure !== undefined) break;
    if (!parser.write(piece)) await Promise.race([once(parser, 'drain'), ended]);
  }
  if (failure === undefined) {
    parser.end();
    await ended;
  }
  await visiting;
  if (failure !== undefined) throw toRiosError(failure);
}

const entryOf = (entry: ReadEntry): TarEntry => ({
  path: String(entry.path),
  kind: KINDS[String(entry.type)] ?? 'other',
  target: String(entry.linkpath ?? ''),
  isExecutable: ((entry.mode ?? 0) & 0o100) !== 0,
  sizeBytes: entry.size,
  bytes: entry,
});
