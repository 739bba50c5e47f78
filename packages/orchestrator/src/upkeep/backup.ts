import { access, link, open, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { lockDirectory } from '@rios/sdk/config/directory-lock';
import { readNetworkKey } from '@rios/sdk/crypto/network';
import { RiosError } from '@rios/sdk/errors/error';
import { VERSION } from '@rios/sdk/version';
import { pathsOf } from '../config.ts';
import { createBlobFiles } from '../services/blob-files.ts';
import {
  ABOUT_NAME,
  type About,
  blobOf,
  blobPath,
  KEY_NAMES,
  MASTER_KEY_NAME,
  type Manifest,
  STORE_NAME,
} from './backup-manifest.ts';
import { sealStream } from './passphrase-cipher.ts';
import { copyStore } from './store-file.ts';
import { type Entry, writeArchive } from './write-archive.ts';

export interface BackupOptions {
  readonly dataDir: string;
  readonly networkId: string;
  readonly store: About['store'];
  readonly out: string;
  readonly withBlobs: boolean;
  /** The master keys as their place keeps them; undefined when there are none. */
  readonly masterKey: string | undefined;
  readonly withMasterKey: boolean;
  /** Seals the archive; undefined leaves it plain. */
  readonly passphrase: string | undefined;
  readonly now: number;
  readonly onProgress: (step: string, doneBytes: number, totalBytes: number) => void;
}

/** What a backup holds. */
export interface BackupReport {
  readonly out: string;
  readonly sizeBytes: number;
  readonly files: number;
  readonly blobs: number;
  readonly masterKey: About['masterKey'];
}

/**
 * Writes an archive of a data directory whose orchestrator may run: the store as it is at one moment, the keys, the
 * blobs. The file is there whole (mode 0600) or not at all.
 * @throws RiosError CONFLICT_EXISTS, CONFLICT_IN_USE, INTEGRITY_KEY_FILE, INTEGRITY_HASH, CAPACITY_DISK
 */
export async function backUp(options: BackupOptions): Promise<BackupReport> {
  const { dataDir, out } = options;
  await checkFree(out);
  await checkKeys(options);
  const lock = await lockDirectory(dataDir, 'backup');
  const snapshot = join(dataDir, 'backup-snapshot.tmp');
  try {
    if (options.store === 'sqlite') {
      options.onProgress('Copying the store', 0, 0);
      await copyStore(pathsOf(dataDir).storeFile, snapshot);
    }
    return await writeWhole(options, await listEntries(options, snapshot));
  } finally {
    await rm(snapshot, { force: true });
    lock.release();
  }
}

async function checkFree(out: string): Promise<void> {
  const isThere = await access(out).then(
    () => true,
    () => false,
  );
  if (isThere) throw new RiosError('CONFLICT_EXISTS', `${out} is there already`);
}

async function checkKeys({ dataDir, networkId }: BackupOptions): Promise<void> {
  const key = await readNetworkKey(pathsOf(dataDir).networkKeyFile);
  if (key?.networkId === networkId) return;
  throw new RiosError('INTEGRITY_KEY_FILE', `network.key of ${dataDir} is not the one of ${networkId}`);
}

function keptMasterKey({ masterKey, withMasterKey }: BackupOptions): About['masterKey'] {
  if (masterKey === undefined) return 'none';
  return withMasterKey ? 'included' : 'left out';
}

async function listEntries(options: BackupOptions, snapshot: string): Promise<Entry[]> {
  const { dataDir, networkId, store, now, masterKey } = options;
  const kept = keptMasterKey(options);
  const about: About = {
    format: 'rios-backup/1',
    networkId,
    createdAt: now,
    version: VERSION,
    store,
    masterKey: kept,
  };
  const keys = KEY_NAMES.filter((name) => name !== MASTER_KEY_NAME);
  return [
    { path: ABOUT_NAME, bytes: Buffer.from(JSON.stringify(about)) },
    ...keys.map((name) => ({ path: name, file: join(dataDir, name) })),
    ...(masterKey === undefined || kept !== 'included'
      ? []
      : [{ path: MASTER_KEY_NAME, bytes: Buffer.from(masterKey) }]),
    ...(store === 'sqlite' ? [{ path: STORE_NAME, file: snapshot }] : []),
    ...(options.withBlobs ? await listBlobs(pathsOf(dataDir).blobsDir) : []),
  ];
}

/** Whole ones: uploads begin anew. */
async function listBlobs(blobsDir: string): Promise<Entry[]> {
  const files = createBlobFiles(blobsDir);
  const whole: Entry[] = [];
  for (const sha256 of [...(await files.list())].sort()) {
    if ((await files.sizeOf(sha256)) === undefined) continue;
    whole.push({ path: blobPath(sha256), file: files.pathOf(sha256) });
  }
  return whole;
}

async function writeWhole(options: BackupOptions, entries: readonly Entry[]): Promise<BackupReport> {
  const { out, passphrase } = options;
  const draft = `${out}.part`;
  await rm(draft, { force: true });
  try {
    let manifest: Manifest = { files: [] };
    const tar = archive(options, entries, (written) => {
      manifest = written;
    });
    const sizeBytes = await writeSynced(draft, passphrase === undefined ? tar : sealStream(tar, passphrase));
    await publish(draft, out);
    const blobs = manifest.files.filter(({ path }) => blobOf(path) !== undefined).length;
    return { out, sizeBytes, files: manifest.files.length, blobs, masterKey: keptMasterKey(options) };
  } finally {
    await rm(draft, { force: true });
  }
}

async function* archive(
  { now, onProgress }: BackupOptions,
  entries: readonly Entry[],
  onManifest: (manifest: Manifest) => void,
): AsyncGenerator<Uint8Array> {
  const totalBytes = await sizeOf(entries);
  let doneBytes = 0;
  const onBytes = (count: number) => {
    doneBytes += count;
    onProgress('Writing the archive', Math.min(doneBytes, totalBytes), totalBytes);
  };
  onManifest(yield* writeArchive(entries, { now, onBytes }));
}

async function sizeOf(entries: readonly Entry[]): Promise<number> {
  let total = 0;
  for (const entry of entries) {
    total +=
      'file' in entry ? ((await stat(entry.file).catch(() => undefined))?.size ?? 0) : entry.bytes.byteLength;
  }
  return total;
}

async function writeSynced(file: string, source: AsyncIterable<Uint8Array>): Promise<number> {
  const opened = await open(file, 'wx', 0o600);
  try {
    let sizeBytes = 0;
    for await (const bytes of source) {
      await opened.writeFile(bytes);
      sizeBytes += bytes.byteLength;
    }
    await opened.sync();
    return sizeBytes;
  } finally {
    await opened.close();
  }
}

/** A hard link fails where the name was taken meanwhile. */
async function publish(draft: string, out: string): Promise<void> {
  try {
    await link(draft, out);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cause;
    throw new RiosError('CONFLICT_EXISTS', `${out} is there already`, { cause });
  }
  const directory = await open(dirname(out), 'r');
  await directory.sync().finally(() => directory.close());
}
