import { randomBytes } from 'node:crypto';
import type { Clock } from '@rios/sdk/clock';
import type { Log } from '@rios/sdk/log';
import type { ChainSource } from '../chain/chain-source.ts';
import { type FaultPoint, NO_FAULTS } from '../fault-point.ts';
import type { Store } from '../store/store.ts';
import { createEpochFiles } from './epoch-files.ts';
import { type EpochSettler, type EpochsOptions, MAX_LINES } from './epoch-settler.ts';
import type { EpochSteps } from './epoch-steps.ts';
import { createEpochViews } from './epoch-views.ts';
import type { Epochs } from './epochs-port.ts';
import { type RunEpochBuild, runEpochBuild } from './run-epoch-build.ts';

export interface EpochsModules {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly chain: Pick<ChainSource, 'find'>;
  /** `epoch.closed`, `epoch.built`, `epoch.writing`, `epoch.written`. */
  readonly point?: FaultPoint;
  /** A process of its own when left out. */
  readonly runBuild?: RunEpochBuild;
}

const HOUR_MS = 3_600_000;

/** Settles what is charged, epoch by epoch, and shows what was settled. */
export function createEpochs(options: EpochsOptions, modules: EpochsModules): Epochs {
  const { store, clock, log, chain, point = NO_FAULTS, runBuild = runEpochBuild } = modules;
  const end = new AbortController();
  const settler: EpochSettler = {
    options: { epochMs: HOUR_MS, maxLines: MAX_LINES, ...options },
    store,
    clock,
    log,
    point,
    runBuild,
    files: createEpochFiles(options.dataDir),
    random: randomBytes,
    aborted: end.signal,
  };
  // with it comes what hashes and speaks to chains: nothing of that is loaded before there is a chain
  let steps: Promise<EpochSteps> | undefined;
  const load = () => {
    steps ??= import('./epoch-steps.ts').then(({ createEpochSteps }) => createEpochSteps(settler));
    return steps;
  };
  return {
    ...createEpochViews(settler, chain),
    step: async (target) => (await load()).step(target),
    closeNow: async (by) => (await load()).closeNow(by),
    stop: async () => {
      end.abort();
      await (await steps)?.idle();
    },
  };
}
