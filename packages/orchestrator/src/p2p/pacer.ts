import type { Clock } from '@rios/sdk/clock';
import { RiosError } from '@rios/sdk/errors/error';

/** How often one key may go: `burst` at once, then one every `intervalMs`; so many may wait for their turn. */
export interface Pace {
  readonly burst: number;
  readonly intervalMs: number;
  readonly maxWaiting: number;
}

/** Slows down who comes too often. */
export interface Pacer {
  /** Resolves when it is this caller's turn. Throws QUOTA_RATE when too many of the same key wait already. */
  turn(key: string): Promise<void>;
}

export function createPacer({ burst, intervalMs, maxWaiting }: Pace, clock: Clock): Pacer {
  const lanes = new Map<string, { freeAt: number; waiting: number }>();
  return {
    async turn(key) {
      const now = clock.now();
      const lane = lanes.get(key) ?? { freeAt: 0, waiting: 0 };
      lanes.set(key, lane);
      if (lane.waiting >= maxWaiting) throw new RiosError('QUOTA_RATE', 'too many messages at once');
      lane.freeAt = Math.max(lane.freeAt, now - burst * intervalMs) + intervalMs;
      const waitMs = lane.freeAt - now;
      if (waitMs <= 0) return;
      lane.waiting++;
      await new Promise<void>((resolve) => clock.after(waitMs, resolve));
      lane.waiting--;
    },
  };
}
