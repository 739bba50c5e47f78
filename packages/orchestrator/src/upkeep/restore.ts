import { mkdir, open, readdir, rename, rm, rmdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { lockDirectory } from '@rios/sdk/config/directory-lock';
import { readKey } from '@rios/sdk/crypto/key-file';
import { readNetworkKey } from '@rios/sdk/crypto/network';
import { freeDiskBytes } from '@rios/sdk/disk';
import { RiosError } from '@rios/sdk/errors/error';
import { pathsOf } from '../config.ts';
import { type About, blobOf, type Manifest, refuseArchive } from './backup-manifest.ts';
import { readArchive, type Take } from './read-archive.ts';
import { checkStore } from './store-file.ts';

export interface RestoreOptions {
  readonly from: string;
  /** Must not be there, or be empty. */
  readonly dataDir: string;
  /** Asked for only when the archive is sealed. */
  readonly passphrase: () => Promise<string>;
  /** Whether the orchestrator will use PostgreSQL. */
  readonly usesPostgres: boolean;
  readonly onProgress: (step: string, doneBytes: number, totalBytes: number) => void;
}

/** What was restored. */
export interface RestoreReport {
  readonly dataDir: string;
  readonly networkId: string;
  readonly createdAt: number;
  readonly store: About['store'];
  readonly files: number;
  readonly blobs: number;
  readonly masterKey: About['masterKey'];
}

/** Disk space that a restore leaves free. */
const RESERVED_BYTES = 64 * 1024 * 1024;

/**
 * Makes a data directory from an archive. The whole archive is checked before anything is written; then it is
 * unpacked beside `dataDir` and put in its place at once: a kill leaves nothing there.
 * @throws RiosError CONFLICT_EXISTS, INTEGRITY_HASH, INTEGRITY_KEY_FILE, AUTH_KEYSTORE_LOCKED, CAPACITY_DISK,
 * NOT_FOUND_FILE, USER_INVALID_REQUEST
 */
export async function restore(options: RestoreOptions): Promise<RestoreReport> {
  const { dataDir } = options;
  await checkEmpty(dataDir);
  const sizeBytes = await sizeOf(options.from);
  const found = await read(options, 'Checking the archive', sizeBytes, drain);
  checkEngine(found.about, options);
  await mkdir(dirname(dataDir), { recursive: true });
  await checkDisk(dirname(dataDir), found.files);
  const staging = `${dataDir}.restoring`;
  const lock = await lockDirectory(staging, 'restore');
  try {
    await clear(staging, 'restore.lock');
    const written = await read(options, 'Unpacking it', sizeBytes, (path, bytes) =>
      writeFileSynced(join(staging, path), bytes),
    );
    if (JSON.stringify(written) !== JSON.stringify(found))
      throw refuseArchive('it changed while it was read');
    await checkParts(staging, found.about);
  } catch (error) {
    lock.release();
    await rm(staging, { recursive: true, force: true });
    throw error;
  }
  lock.release();
  await clear(staging, undefined, /^restore\.lock|^rios\.db-/);
  await putInPlace(staging, dataDir);
  return reportOf(dataDir, found);
}

function read(options: RestoreOptions, step: string, totalBytes: number, take: Take) {
  const { from, onProgress } = options;
  let doneBytes = 0;
  const onBytes = (count: number) => {
    doneBytes += count;
    onProgress(step, Math.min(doneBytes, totalBytes), totalBytes);
  };
  return readArchive({ file: from, passphrase: options.passphrase, take, onBytes });
}

const drain: Take = async (_, bytes) => {
  for await (const _chunk of bytes);
};

async function checkEmpty(dataDir: string): Promise<void> {
  const names = await readdir(dataDir).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return undefined;
    throw new RiosError('USER_INVALID_REQUEST', `${dataDir} cannot be used: ${cause.code}`, { cause });
  });
  if (names === undefined) return;
  if (names.length > 0) {
    throw new RiosError('CONFLICT_EXISTS', `${dataDir} is not empty`, { hint: 'Choose a new --data-dir.' });
  }
  const [here, above] = await Promise.all([stat(dataDir), stat(dirname(dataDir))]);
  if (here.dev === above.dev) return;
  throw new RiosError(
    'USER_INVALID_REQUEST',
    `${dataDir} is a mount point: it cannot be put in place at once`,
    {
      hint: 'Choose a --data-dir inside it.',
    },
  );
}

async function sizeOf(file: string): Promise<number> {
  const found = await stat(file).catch((cause: unknown) => {
    throw new RiosError('NOT_FOUND_FILE', `${file} cannot be read`, { cause });
  });
  if (found.isFile()) return found.size;
  throw new RiosError('NOT_FOUND_FILE', `${file} is no file`);
}

function checkEngine(about: About, { usesPostgres }: RestoreOptions): void {
  if (about.store === 'postgres' || !usesPostgres) return;
  throw new RiosError('USER_INVALID_REQUEST', 'the archive holds its store, but DATABASE_URL names another', {
    hint: 'Unset DATABASE_URL.',
  });
}

async function checkDisk(directory: string, files: Manifest['files']): Promise<void> {
  const sizeBytes = files.reduce((sum, file) => sum + file.sizeBytes, 0);
  const freeBytes = await freeDiskBytes(directory);
  if (sizeBytes + RESERVED_BYTES <= freeBytes) return;
  throw new RiosError(
    'CAPACITY_DISK',
    `the disk has ${freeBytes} bytes left; the archive needs ${sizeBytes}`,
  );
}

async function writeFileSynced(file: string, bytes: AsyncIterable<Uint8Array>): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const opened = await open(file, 'wx', 0o600);
  try {
    for await (const chunk of bytes) await opened.writeFile(chunk);
    await opened.sync();
  } finally {
    await opened.close();
  }
}

/** What the hashes cannot tell: that the parts belong together. */
async function checkParts(staging: string, { networkId, store }: About): Promise<void> {
  const paths = pathsOf(staging);
  const key = await readNetworkKey(paths.networkKeyFile);
  if (key?.networkId !== networkId) throw refuseArchive('its network.key is of another network');
  await readKey(paths.identityFile, 'identity');
  await mkdir(paths.blobsDir, { recursive: true, mode: 0o700 });
  if (store === 'sqlite') await checkStore(paths.storeFile, networkId);
}

/** Removes all but `keep`, or only what matches. */
async function clear(directory: string, keep: string | undefined, only = /./): Promise<void> {
  for (const name of await readdir(directory)) {
    const isKept = keep !== undefined && name.startsWith(keep);
    if (!isKept && only.test(name)) await rm(join(directory, name), { recursive: true, force: true });
  }
}

async function putInPlace(staging: string, dataDir: string): Promise<void> {
  await syncAll(staging);
  await rmdir(dataDir).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code !== 'ENOENT') {
      throw new RiosError('CONFLICT_EXISTS', `${dataDir} is not empty any more`, { cause });
    }
  });
  await rename(staging, dataDir);
  await syncDirectory(dirname(dataDir));
}

async function syncAll(directory: string): Promise<void> {
  for (const entry of await readdir(directory, { withFileTypes: true })) {
    if (entry.isDirectory()) await syncAll(join(directory, basename(entry.name)));
  }
  await syncDirectory(directory);
}

async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r');
  await directory.sync().finally(() => directory.close());
}

function reportOf(
  dataDir: string,
  { about, files }: { about: About; files: Manifest['files'] },
): RestoreReport {
  const { networkId, createdAt, store, masterKey } = about;
  const blobs = files.filter(({ path }) => blobOf(path) !== undefined).length;
  return { dataDir, networkId, createdAt, store, files: files.length, blobs, masterKey };
}
