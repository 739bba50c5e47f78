import type { Clock } from '@rios/sdk/clock';
import type { AppFigures, Figures } from '../ingress/figures.ts';

/** Load is what was so in this time, ms. */
const WINDOW_MS = 10_000;
/** An application that was asked for counts as used for this long, until its request is counted itself. */
const ASKED_MS = 5_000;
/** Asked for again within this time, it is the same asking. */
const PAUSE_MS = 250;

/** Requests for applications that sleep, and what ingress counts of all. */
export interface Waking {
  /** A request waits for it; false when that was said just before. */
  ask(deploymentId: string): boolean;
  figuresOf(deploymentId: string): AppFigures;
}

export interface WakingModules {
  readonly clock: Clock;
  readonly figures: Pick<Figures, 'read'>;
}

export function createWaking({ clock, figures }: WakingModules): Waking {
  const asked = new Map<string, number>();
  const forgetOld = (now: number) => {
    for (const [id, at] of asked) if (now - at >= ASKED_MS) asked.delete(id);
  };
  return {
    ask: (deploymentId) => {
      const now = clock.now();
      if (now - (asked.get(deploymentId) ?? Number.NEGATIVE_INFINITY) < PAUSE_MS) return false;
      forgetOld(now);
      asked.set(deploymentId, now);
      return true;
    },
    figuresOf: (deploymentId) => {
      const seen = figures.read(deploymentId, WINDOW_MS);
      const at = asked.get(deploymentId);
      const isAsked = at !== undefined && clock.now() - at < ASKED_MS;
      return isAsked && seen.inFlight + seen.waiting === 0 ? { ...seen, waiting: 1 } : seen;
    },
  };
}
