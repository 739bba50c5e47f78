import type { Clock } from '@rios/sdk/clock';
import type { Log } from '@rios/sdk/log';

/** Work that nobody waits for, and timers by name; all of it ends with `stop`. */
export interface Background {
  readonly stopped: boolean;
  /** Runs now. What it throws is logged. */
  run(act: () => Promise<void>): void;
  /** Runs later; a timer of the same name is replaced. */
  later(name: string, delayMs: number, act: () => Promise<void>): void;
  cancel(name: string): void;
  /** Whether a timer of that name runs. */
  has(name: string): boolean;
  /** Cancels the timers and waits for what runs. */
  stop(): Promise<void>;
}

export function createBackground({ clock, log }: { clock: Clock; log: Log }): Background {
  const timers = new Map<string, () => void>();
  const running = new Set<Promise<void>>();
  let stopped = false;
  const run = (act: () => Promise<void>) => {
    const work = act()
      .catch((error: unknown) => log.error('background work failed', { error: String(error) }))
      .finally(() => running.delete(work));
    running.add(work);
  };
  const cancel = (name: string) => {
    timers.get(name)?.();
    timers.delete(name);
  };
  return {
    get stopped() {
      return stopped;
    },
    run,
    later: (name, delayMs, act) => {
      cancel(name);
      if (stopped) return;
      timers.set(
        name,
        clock.after(delayMs, () => {
          timers.delete(name);
          run(act);
        }),
      );
    },
    cancel,
    has: (name) => timers.has(name),
    stop: async () => {
      stopped = true;
      for (const name of [...timers.keys()]) cancel(name);
      await Promise.all(running);
    },
  };
}
