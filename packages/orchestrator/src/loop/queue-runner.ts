import type { Clock } from '@rios/sdk/clock';
import type { Log } from '@rios/sdk/log';
import type { EvaluationRow } from '../store/evaluations.ts';

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
  readonly clock: Clock;
  readonly log: Log;
  /** The next one that is due; undefined when there is none, or it is not for this orchestrator. */
  readonly take: () => Promise<EvaluationRow | undefined>;
  /** When to look again, if nobody wakes it before; undefined = only then. */
  readonly nextAt: () => Promise<number | undefined>;
  /** Carries one evaluation out; it must not throw. */
  readonly run: (row: EvaluationRow) => Promise<void>;
}

export function createQueueRunner({ clock, log, take, nextAt, run }: QueueModules): QueueRunner {
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
      const row = await take();
      if (row === undefined) continue;
      again = true;
      await run(row);
    }
    const dueAt = stopped ? undefined : await nextAt();
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
