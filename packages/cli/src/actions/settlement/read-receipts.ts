import { open, stat } from 'node:fs/promises';
import { RiosError } from '@rios/sdk/errors/error';
import type { Progress } from '../../progress/progress.ts';

/** A receipts file to read once. */
export interface OpenedReceipts {
  readonly chunks: AsyncIterable<Uint8Array>;
  /** Shows how far it was read. */
  onRead(sizeBytes: number): void;
}

const CHUNK_BYTES = 1024 * 1024;

/** @throws RiosError NOT_FOUND_FILE, USER_INVALID_REQUEST when it is no file (a pipe would keep us for ever) */
export async function openReceipts(path: string, progress: Progress): Promise<OpenedReceipts> {
  const found = await stat(path).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code !== 'ENOENT' && cause.code !== 'ENOTDIR') throw cause;
    throw new RiosError('NOT_FOUND_FILE', `there is no file ${path}`, { details: { path }, cause });
  });
  if (!found.isFile()) {
    throw new RiosError('USER_INVALID_REQUEST', `${path} is no regular file`, { details: { path } });
  }
  const file = await open(path, 'r');
  progress.step(`Checking ${path}`);
  return {
    chunks: file.createReadStream({ highWaterMark: CHUNK_BYTES }),
    onRead: (sizeBytes) => progress.bytes(sizeBytes, found.size),
  };
}
