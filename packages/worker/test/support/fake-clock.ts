import type { Clock } from '@rios/sdk/clock';

/** A clock that stands still until a test moves it. */
export interface FakeClock extends Clock {
  /** Moves time on, running what is due in order; lets promises settle after each. */
  advance(ms: number): Promise<void>;
  /** Moments at which something is due. */
  readonly due: readonly number[];
}

export function createFakeClock(start = 1_000_000): FakeClock {
  let now = start;
  let timers: { at: number; callback: () => void }[] = [];
  const settle = () => new Promise<void>((resolve) => setImmediate(resolve));
  return {
    now: () => now,
    get due() {
      return timers.map(({ at }) => at).sort((a, b) => a - b);
    },
    after(delayMs, callback) {
      const timer = { at: now + delayMs, callback };
      timers.push(timer);
      return () => {
        timers = timers.filter((each) => each !== timer);
      };
    },
    async advance(ms) {
      const until = now + ms;
      await settle();
      for (;;) {
        const [next] = timers.filter(({ at }) => at <= until).sort((a, b) => a.at - b.at);
        if (next === undefined) break;
        timers = timers.filter((each) => each !== next);
        now = Math.max(now, next.at);
        next.callback();
        await settle();
      }
      now = until;
      await settle();
    },
  };
}
