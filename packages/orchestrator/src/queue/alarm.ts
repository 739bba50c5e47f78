import type { Clock } from '@rios/sdk/clock';

/** Lets loops sleep until their time is over or somebody rings. */
export interface Alarm {
  /** Resolves after `ms`, or as soon as somebody rings. */
  wait(ms: number): Promise<void>;
  /** Wakes everyone who waits. */
  ring(): void;
}

export function createAlarm(clock: Clock): Alarm {
  const waiting = new Set<() => void>();
  return {
    wait: (ms) =>
      new Promise((resolve) => {
        const wake = () => {
          waiting.delete(wake);
          cancel();
          resolve();
        };
        const cancel = clock.after(ms, wake);
        waiting.add(wake);
      }),
    ring: () => {
      for (const wake of [...waiting]) wake();
    },
  };
}
