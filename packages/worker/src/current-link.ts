import type { Clock } from '@rios/sdk/clock';
import type { PeerAddress } from '@rios/sdk/schema/worker';
import type { ControlLink } from './control-link.ts';

/** The orchestrator that has this worker now. */
export interface Home {
  readonly control: ControlLink;
  readonly at: PeerAddress;
}

/** Which orchestrator has this worker, if one has. */
export interface CurrentLink {
  readonly home: Home | undefined;
  set(home: Home | undefined): void;
  /** The home, or the next one within `waitMs`; undefined when none comes. */
  next(waitMs: number): Promise<Home | undefined>;
}

/** None at first. */
export function createCurrentLink(clock: Clock): CurrentLink {
  const waiting = new Set<(home: Home) => void>();
  let current: Home | undefined;
  return {
    get home() {
      return current;
    },
    set(home) {
      current = home;
      if (home !== undefined) for (const tell of waiting) tell(home);
    },
    next(waitMs) {
      if (current !== undefined) return Promise.resolve(current);
      return new Promise((resolve) => {
        const finish = (home: Home | undefined) => {
          cancel();
          waiting.delete(finish);
          resolve(home);
        };
        const cancel = clock.after(waitMs, () => finish(undefined));
        waiting.add(finish);
      });
    },
  };
}
