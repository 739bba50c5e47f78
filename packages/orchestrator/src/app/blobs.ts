import { mkdir } from 'node:fs/promises';
import { systemClock } from '@rios/sdk/clock';
import { freeDiskBytes } from '@rios/sdk/disk';
import { RiosError } from '@rios/sdk/errors/error';
import { createBlobFiles } from '../services/blob-files.ts';
import { type Blobs, createBlobs } from '../services/blobs.ts';
import { repeat } from '../services/repeat.ts';
import { readStoreTime } from '../store/store-time.ts';
import type { Core, Opened } from './core.ts';

/** Unreferenced blobs are looked for this often. */
const SWEEP_INTERVAL_MS = 600_000;

const clock = systemClock;

/** @throws RiosError USER_INVALID_REQUEST when the directory cannot be made */
export async function createBlobDirectory(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true, mode: 0o700 });
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'ENOSPC') throw cause;
    throw new RiosError('USER_INVALID_REQUEST', `cannot create ${path}: ${code}`, {
      hint: 'Choose a --data-dir that you may write to.',
      cause,
    });
  }
}

/** What a stop left half done is taken up; what nothing needs is removed now and then. */
export async function openBlobs(
  directory: string,
  { store, identity, log }: Pick<Core, 'store' | 'identity' | 'log'>,
  opened: Opened,
): Promise<Blobs> {
  const files = createBlobFiles(directory);
  const blobs = createBlobs({
    store,
    files,
    clock,
    log,
    self: identity.peerId,
    freeBytes: () => freeDiskBytes(directory),
    now: () => readStoreTime(store),
  });
  await blobs.recover();
  opened.push(
    repeat(
      clock,
      SWEEP_INTERVAL_MS,
      () => blobs.sweep(),
      (error) => log.error('sweeping blobs failed', { error: String(error) }),
    ),
  );
  return blobs;
}
