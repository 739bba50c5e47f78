import type { Clock } from '@rios/sdk/clock';
import { toRiosError } from '@rios/sdk/errors/error';
import type { Log } from '@rios/sdk/log';
import { listWantedCopies } from '../store/blob-copies.ts';
import { addEvent } from '../store/events.ts';
import type { Store } from '../store/store.ts';
import type { Blobs } from './blobs-port.ts';
import { repeat } from './repeat.ts';

/** How often the store is asked what lacks here. */
const LOOK_MS = 2_000;
/** Blobs looked for at once. */
const PAGE = 100;
/** A blob that nobody could give is asked for again so late. */
const AGAIN_MS = 30_000;

/** Brings every blob that a model refers to here, so that losing an orchestrator loses no model. */
export interface BlobReplicator {
  start(): void;
  /** One look: brings what lacks, until the disk is full. */
  look(): Promise<void>;
  /** Ends what is under way too (`blobs.stop` does the bringing). Idempotent. */
  stop(): Promise<void>;
}

export interface BlobReplicatorModules {
  readonly store: Store;
  readonly blobs: Pick<Blobs, 'bring' | 'holders' | 'stop'>;
  readonly clock: Clock;
  readonly log: Log;
  /** Peer id of this orchestrator. */
  readonly self: string;
}

export function createBlobReplicator(modules: BlobReplicatorModules): BlobReplicator {
  const { store, blobs, clock, log, self } = modules;
  const failed = new Map<string, number>();
  let full = false;
  let stopped = false;
  let end = async () => {};

  const bring = async (sha256: string): Promise<'go on' | 'full'> => {
    try {
      const found = await blobs.bring(sha256);
      if (found !== undefined) failed.delete(sha256);
      else failed.set(sha256, clock.now());
    } catch (cause) {
      const error = toRiosError(cause);
      if (error.code === 'CAPACITY_DISK') return 'full';
      failed.set(sha256, clock.now());
      if (!stopped) log.warn('a blob could not be brought here', { sha256, error: error.message });
    }
    return 'go on';
  };
  const look = async () => {
    for (const [sha256, at] of failed) if (clock.now() - at >= AGAIN_MS) failed.delete(sha256);
    const others = blobs.holders().filter((id) => id !== self);
    const wanted = await listWantedCopies(store, self, others, PAGE + failed.size);
    for (const { sha256 } of wanted) {
      if (stopped) return;
      if (failed.has(sha256)) continue;
      if ((await bring(sha256)) === 'go on') continue;
      if (!full) await tellFull(modules);
      full = true;
      return;
    }
    full = false;
  };
  return {
    look,
    start: () => {
      end = repeat(clock, LOOK_MS, look, (error) =>
        log.error('looking for blobs that lack here failed', { error: String(error) }),
      );
    },
    stop: async () => {
      stopped = true;
      await blobs.stop();
      await end();
    },
  };
}

/** Once for each time that the disk fills up. */
async function tellFull({ store, clock, log, self }: BlobReplicatorModules): Promise<void> {
  const message = 'its disk is full: copies of model files wait until there is space';
  log.warn(message);
  await addEvent(store, { at: clock.now(), kind: 'orchestrator.full', subject: self, message });
}
