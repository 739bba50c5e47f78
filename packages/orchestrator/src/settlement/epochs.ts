import type { Clock } from '@rios/sdk/clock';
import { RiosError } from '@rios/sdk/errors/error';
import type { Log } from '@rios/sdk/log';
import type { ChainSource } from '../chain/chain-source.ts';
import type { EngineUrls } from '../engines.ts';
import type { FaultPoint } from '../fault-point.ts';
import type { Store } from '../store/store.ts';
import type { Epochs } from './epochs-port.ts';

export interface EpochsOptions {
  /** Epochs' files are in its folder `epochs`. */
  readonly dataDir: string;
  readonly networkId: string;
  /** Peer id of this orchestrator. */
  readonly self: string;
  /** Where the processes that build find the store. */
  readonly engines: Pick<EngineUrls, 'database'>;
}

export interface EpochsModules {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly chain: Pick<ChainSource, 'find'>;
  /** `epoch.closed`, `epoch.built`, `epoch.writing`, `epoch.written`. */
  readonly point?: FaultPoint;
}

export function createEpochs(_options: EpochsOptions, _modules: EpochsModules): Epochs {
  const later = async () => {
    throw new RiosError('SERVICE_UNAVAILABLE', 'not yet');
  };
  return {
    step: later,
    closeNow: later,
    list: later,
    show: later,
    receipts: later,
    proofOf: later,
    statistics: later,
  };
}
