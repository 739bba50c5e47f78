import { RiosError, toRiosError } from '@rios/sdk/errors/error';
import { type BlobContext, checkDisk } from './blob-context.ts';
import { locate } from './blob-places.ts';
import { noteStored } from './blob-uploads.ts';
import type { BlobSize, Blobs, FoundBlob } from './blobs-port.ts';
import { createKeyLock } from './key-lock.ts';

/** So long a worker waits for a blob that is being brought here: it can ask the other orchestrators itself. */
const WAIT_MS = 10_000;
/** Blobs brought at once: each costs some chunks of memory. */
const LANES = 2;

/** Tries while nobody who has the blob can be asked, and the pause between them. */
const MAX_TRIES = 8;
const RETRY_MS = 250;
const NOT_READY: readonly string[] = [
  'PEER_LOST',
  'PEER_UNREACHABLE',
  'AUTH_PEER_UNKNOWN',
  'AUTH_FORBIDDEN',
  'NOT_FOUND_BLOB',
];

/** Brings blobs here that others have. */
export type BlobCopies = Pick<Blobs, 'find' | 'findHere' | 'bring' | 'stop'>;

export function createBlobCopies(context: BlobContext): BlobCopies {
  const underWay = new Map<string, Promise<FoundBlob | undefined>>();
  const stopping = new AbortController();
  const lanes = createKeyLock();

  const findHere = async (sha256: string) => {
    const { row, place } = await locate(context, sha256);
    return row !== undefined && place.kind === 'stored-here'
      ? found(context, row.size_bytes, sha256)
      : undefined;
  };
  const bring = (sha256: string) => {
    const running = underWay.get(sha256);
    if (running !== undefined) return running;
    const lane = String(Number.parseInt(sha256.slice(0, 2), 16) % LANES);
    const work = lanes(lane, () => bringPatiently(context, sha256, stopping.signal));
    underWay.set(sha256, work);
    const end = () => underWay.delete(sha256);
    work.then(end, end);
    return work;
  };
  return {
    findHere,
    bring,
    find: async (sha256, waitMs = WAIT_MS) => {
      const here = await findHere(sha256);
      if (here !== undefined || context.others().length === 0) return here;
      return inTime(context, sha256, bring(sha256), waitMs);
    },
    stop: async () => {
      stopping.abort();
      await Promise.allSettled(underWay.values());
    },
  };
}

const found = ({ files }: BlobContext, sizeBytes: number, sha256: string): FoundBlob => ({
  path: files.pathOf(sha256),
  sizeBytes,
});

/** Waits for it, but not for ever. */
async function inTime<T>(
  { clock }: BlobContext,
  sha256: string,
  work: Promise<T>,
  waitMs: number,
): Promise<T> {
  let cancel = () => {};
  const late = new Promise<never>((_, reject) => {
    const error = new RiosError('PEER_TIMEOUT', 'the blob is still being brought from another orchestrator', {
      details: { sha256 },
    });
    cancel = clock.after(waitMs, () => reject(error));
  });
  return Promise.race([work, late]).finally(() => cancel());
}

/** An orchestrator that has just started is not known to the others yet, one that died may still be. */
async function bringPatiently(
  context: BlobContext,
  sha256: string,
  signal: AbortSignal,
): Promise<FoundBlob | undefined> {
  for (let tries = 1; ; tries++) {
    try {
      return await bringOne(context, sha256, signal);
    } catch (cause) {
      const error = toRiosError(cause);
      if (tries === MAX_TRIES || !NOT_READY.includes(error.code)) throw error;
      await new Promise<void>((resolve) => context.clock.after(RETRY_MS, resolve));
    }
  }
}

async function bringOne(
  context: BlobContext,
  sha256: string,
  signal: AbortSignal,
): Promise<FoundBlob | undefined> {
  const peers = context.peers();
  const { row, place } = await locate(context, sha256);
  if (row === undefined || peers === undefined) return undefined;
  if (place.kind === 'stored-here') return found(context, row.size_bytes, sha256);
  if (place.kind !== 'stored-at') return undefined;
  const blob = { sha256, sizeBytes: row.size_bytes };
  await checkDisk(context, blob.sizeBytes);
  if (signal.aborted) throw new RiosError('USER_INTERRUPTED', 'the orchestrator is stopping');
  await peers.fetch(blob, place.at, context.files.copyPathOf(sha256), signal);
  return (await accept(context, blob)) ? found(context, blob.sizeBytes, sha256) : undefined;
}

/** Only a file whose whole hash is right becomes the blob, and only while the store knows it. */
async function accept(context: BlobContext, { sha256 }: BlobSize): Promise<boolean> {
  const { files, lock, log } = context;
  const actual = await files.hashCopy(sha256);
  if (actual !== sha256) {
    await files.discardCopy(sha256);
    throw new RiosError('INTEGRITY_HASH', `the copy of blob ${sha256} has another hash`, {
      details: { expected: sha256, actual },
    });
  }
  return lock(sha256, async () => {
    await files.publishCopy(sha256);
    const kept = await noteStored(context, sha256);
    if (kept) log.info('brought a blob from another orchestrator', { sha256 });
    return kept;
  });
}
