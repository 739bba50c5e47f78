import type { AppSpec } from '@rios/sdk/schema/app';

type Autoscale = NonNullable<AppSpec['autoscale']>;

/** A metric within this of its target is at it: no change. */
const TOLERANCE = 0.1;
/** Between two steps up: what was just started must show first. */
export const UP_COOLDOWN_MS = 2_000;
/** Fewer are wanted for this long before there are fewer: then as many as were needed at most in that time. */
export const DOWN_WINDOW_MS = 15_000;
/** Without a request for this long the last replica goes, where none is allowed. */
export const SLEEP_AFTER_MS = 60_000;

/** What the autoscaler keeps of one deployment. */
export interface AutoscaleState {
  readonly wanted: number;
  /** When there last came to be more; 0 = never. */
  readonly upAt: number;
  /** Since when fewer would do; null = they would not. */
  readonly downSince: number | null;
  /** The most that was needed since then. */
  readonly downMost: number;
}

/** What is seen of a deployment now. */
export interface Load {
  /** Requests under way, without those that wait. */
  readonly inFlight: number;
  readonly waiting: number;
  /** 0 without requests. */
  readonly p95Ms: number;
  /** Percent of its cores, averaged over the replicas that tell it; null while none does. */
  readonly cpuPercent: number | null;
  /** Replicas that serve. */
  readonly healthy: number;
}

export interface Bounds {
  readonly min: number;
  readonly max: number;
}

export const IDLE_LOAD: Load = { inFlight: 0, waiting: 0, p95Ms: 0, cpuPercent: null, healthy: 0 };

/** One that may sleep begins awake: whoever deployed it looks at it now. */
export const firstScale = ({ min, max }: Bounds): AutoscaleState => ({
  wanted: Math.max(min, Math.min(1, max)),
  upAt: 0,
  downSince: null,
  downMost: 0,
});

/**
 * The next state of one deployment's autoscaler: up at once, in steps with a pause between them; down only to what
 * was needed at most during a whole window. Never beyond the bounds. Without a rule only sleep and waking are left:
 * `min` replicas while anything is asked. Pure.
 */
export function autoscale(
  before: AutoscaleState,
  { rule, bounds, load, now }: { rule: Autoscale | null; bounds: Bounds; load: Load; now: number },
): AutoscaleState {
  const { min, max } = bounds;
  const isUsed = load.inFlight + load.waiting > 0;
  const floor = Math.min(max, Math.max(min, isUsed ? 1 : 0));
  const current = clamp(before.wanted, min, max);
  const needed = clamp(Math.max(floor, neededReplicas(rule, load, current)), min, max);
  if (needed > current) {
    const next = { wanted: needed, upAt: now, downSince: null, downMost: 0 };
    const waits = current > 0 && now - before.upAt < UP_COOLDOWN_MS;
    return waits ? { ...before, wanted: current, downSince: null, downMost: 0 } : next;
  }
  if (needed === current) return { ...before, wanted: current, downSince: null, downMost: 0 };
  return lower(before, { current, needed, now });
}

function lower(
  before: AutoscaleState,
  { current, needed, now }: { current: number; needed: number; now: number },
): AutoscaleState {
  const downSince = before.downSince ?? now;
  const downMost = before.downSince === null ? needed : Math.max(before.downMost, needed);
  const lasted = now - downSince;
  const done = { ...before, downSince: null, downMost: 0 };
  if (downMost > 0 && lasted >= DOWN_WINDOW_MS) return { ...done, wanted: downMost };
  if (downMost === 0 && lasted >= SLEEP_AFTER_MS) return { ...done, wanted: 0 };
  const wanted = downMost === 0 && lasted >= DOWN_WINDOW_MS ? Math.min(current, 1) : current;
  return { ...before, wanted, downSince, downMost };
}

/** Replicas that bring the metric to its target; `current` when it is near enough. */
function neededReplicas(rule: Autoscale | null, load: Load, current: number): number {
  if (rule === null) return 0;
  const { metric, target } = rule;
  const requests = load.inFlight + load.waiting;
  switch (metric) {
    case 'concurrency':
      return byTotal(requests, target, current);
    case 'queue':
      // requests that are served hold what serves them; only those that wait ask for more
      return load.waiting === 0
        ? Math.min(current, load.inFlight)
        : current + Math.ceil(load.waiting / target);
    case 'p95':
      return requests === 0 && load.p95Ms === 0 ? 0 : byRatio(load.p95Ms / target, load, current);
    case 'cpu':
      return load.cpuPercent === null ? current : byRatio(load.cpuPercent / target, load, current);
  }
}

function byTotal(total: number, target: number, current: number): number {
  const ratio = current === 0 ? Number.POSITIVE_INFINITY : total / (current * target);
  return Math.abs(ratio - 1) <= TOLERANCE ? current : Math.ceil(total / target);
}

/** Counted from what serves: replicas that only start have not brought it down yet. */
function byRatio(ratio: number, { healthy }: Load, current: number): number {
  if (healthy === 0 || Math.abs(ratio - 1) <= TOLERANCE) return current;
  const needed = Math.ceil(healthy * ratio);
  // while some are starting the metric is worse than it will be
  return needed > current || healthy >= current ? needed : current;
}

const clamp = (value: number, min: number, max: number): number => Math.min(max, Math.max(min, value));
