import { type Clock, systemClock } from '@rios/sdk/clock';

/** The real clock, whose timers can be held: as those of a process that was stopped and goes on later. */
export interface FreezableClock extends Clock {
  readonly frozen: boolean;
  freeze(): void;
  /** Everything that was due meanwhile happens now. */
  thaw(): void;
}

export function createFreezableClock(): FreezableClock {
  const due = new Set<() => void>();
  let frozen = false;
  return {
    get frozen() {
      return frozen;
    },
    now: systemClock.now,
    after: (delayMs, callback) => {
      const cancel = systemClock.after(delayMs, () => {
        if (frozen) due.add(callback);
        else callback();
      });
      return () => {
        due.delete(callback);
        cancel();
      };
    },
    freeze: () => {
      frozen = true;
    },
    thaw: () => {
      frozen = false;
      const late = [...due];
      due.clear();
      for (const callback of late) callback();
    },
  };
}
