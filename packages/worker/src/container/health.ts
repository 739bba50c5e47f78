import type { AppHealth } from '@rios/sdk/schema/app';

/** What probes have said of a container so far. Times are ms. */
export interface Health {
  readonly state: 'starting' | 'healthy' | 'unhealthy';
  /** Failures in a row that count. */
  readonly failures: number;
}

export const UNPROBED: Health = { state: 'starting', failures: 0 };
/** Until it is healthy, it is asked at least this often: who waits for a deploy waits for this. */
const STARTING_MS = 100;

/**
 * After one more probe. Failures do not count before the grace is over, unless it was healthy already; one success
 * makes it healthy again.
 */
export function nextHealth(health: Health, ok: boolean, spec: AppHealth, ranMs: number): Health {
  if (ok) return { state: 'healthy', failures: 0 };
  if (spec.kind === 'none') return health;
  if (health.state === 'starting' && ranMs < spec.graceMs) return health;
  const failures = health.failures + 1;
  return { failures, state: failures >= spec.threshold ? 'unhealthy' : health.state };
}

/** How long to wait before the next probe; undefined = it is never probed again. */
export function nextProbeMs({ state, failures }: Health, spec: AppHealth): number | undefined {
  if (spec.kind === 'none') return undefined;
  if (state === 'starting' && failures === 0) return Math.min(STARTING_MS, spec.intervalMs);
  return spec.intervalMs;
}
