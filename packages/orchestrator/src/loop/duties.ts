import type { Clock } from '@rios/sdk/clock';
import type { Log } from '@rios/sdk/log';
import { endDead } from '../billing/end-dead.ts';
import { repeat } from '../services/repeat.ts';
import { freeKeysOfGone, hasKeysOfGone } from '../store/idempotency.ts';
import { GONE, hasRequestsOfGone, STOPPED } from '../store/requests.ts';
import type { Store } from '../store/store.ts';
import type { Planner } from './planner.ts';

const EVERY_MS = 1_000;

export interface DutyModules {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly planner: Pick<Planner, 'plans' | 'perform'>;
}

/** The one who plans ends, each second, what orchestrators that are gone have begun: their requests and keyed calls. */
export function createDuties({ store, clock, log, planner }: DutyModules) {
  let stopRepeating = async () => {};
  const work = async () => {
    if (!planner.plans || !((await hasRequestsOfGone(store)) || (await hasKeysOfGone(store)))) return;
    const failed = await planner.perform(async (tx) => {
      await freeKeysOfGone(tx);
      return endDead(tx, { orchestrator: GONE }, { ...STOPPED, finishedAt: clock.now() });
    });
    if (typeof failed === 'number' && failed > 0)
      log.warn('requests failed with their orchestrator', { failed });
  };
  const onError = (error: unknown) =>
    log.error('requests of orchestrators that are gone could not be failed', { error: String(error) });
  return {
    start: (): void => {
      stopRepeating = repeat(clock, EVERY_MS, work, onError);
    },
    stop: (): Promise<void> => stopRepeating(),
  };
}
