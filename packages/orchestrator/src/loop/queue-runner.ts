import type { Clock } from '@rios/sdk/clock';
import type { Log } from '@rios/sdk/log';
import { type EvaluationRow, nextEvaluationDueAt, takeEvaluation } from '../store/evaluations.ts';
import type { Store } from '../store/store.ts';

/** Wait after the queue itself could not be read. */
const RETRY_MS = 1_000;

/** Takes evaluations from the queue, one at a time, when they are due. */
export interface QueueRunner {
  start(): void;
  /** Looks now, and again right after if called while at work. */
  wake(): void;
  /** Waits for the evaluation under way. Idempotent. */
  stop(): Promise<void>;
}

export interface QueueModules {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
}

/** @param run carries one evaluation out; it must not throw */
export function createQueueRunner(
  { store, clock, log }: QueueModules,
  run: (row: EvaluationRow) => Promise<void>,
): QueueRunner {
  let stopped = true;
  let again = false;
  let busy: Promise<void> | undefined;
  let cancelTimer = () => {};

  const wakeAfter = (delayMs: number) => {
    cancelTimer();
    if (!stopped) cancelTimer = clock.after(Math.max(1, delayMs), wake);
  };
  const work = async () => {
    while (again && !stopped) {
      again = false;
      const row = await takeEvaluation(store, clock.now());
      if (row === undefined) continue;
      again = true;
      await run(row);
    }
    const dueAt = stopped ? undefined : await nextEvaluationDueAt(store);
    if (dueAt !== undefined) wakeAfter(dueAt - clock.now());
  };
  const wake = () => {
    if (stopped) return;
    again = true;
    busy ??= work()
      .catch((error: unknown) => {
        again = false;
        log.error('the queue of evaluations failed', { error: String(error) });
        wakeAfter(RETRY_MS);
      })
      .finally(() => {
        busy = undefined;
        if (again) wake();
      });
  };
  return {
    start: () => {
      stopped = false;
      wake();
    },
    wake,
    stop: async () => {
      stopped = true;
      cancelTimer();
      await busy;
    },
  };
}
