import type { Clock } from '@rios/sdk/clock';
import type { Log } from '@rios/sdk/log';
import type { EngineUrls } from '../engines.ts';
import type { FaultPoint } from '../fault-point.ts';
import type { Store } from '../store/store.ts';
import type { EpochFiles } from './epoch-files.ts';
import type { RunEpochBuild } from './run-epoch-build.ts';

/** Charges of one epoch, about: both processes hold them in memory. The others are for the next. */
export const MAX_LINES = 100_000;

export interface EpochsOptions {
  /** Epochs' files are in its folder `epochs`. */
  readonly dataDir: string;
  readonly networkId: string;
  /** Peer id of this orchestrator. */
  readonly self: string;
  /** Where the processes that build find the store. */
  readonly engines: Pick<EngineUrls, 'database'>;
  /** An epoch closes so long after the one before; an hour when left out. */
  readonly epochMs?: number;
  /** Charges of one epoch, about; MAX_LINES when left out. */
  readonly maxLines?: number;
}

/** What the parts of settling share. */
export interface EpochSettler {
  readonly options: Required<EpochsOptions>;
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly point: FaultPoint;
  readonly files: EpochFiles;
  readonly runBuild: RunEpochBuild;
  readonly random: (bytes: number) => Uint8Array;
  /** Ends the processes that build. */
  readonly aborted: AbortSignal;
}
