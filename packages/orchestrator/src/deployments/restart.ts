import type { ObservedReplica } from '@rios/sdk/schema/container';
import type { ReplicaRecord } from '../store/replicas.ts';

/** So many ends in a row are a crash loop. */
export const CRASH_LOOP = 3;
const FIRST_BACK_OFF_MS = 500;
const LONGEST_BACK_OFF_MS = 60_000;
/** One that was healthy and is not now may become so again by itself: a machine that is busy for a moment. */
const RECOVERY_MS = 5_000;
/** Healthy for so long, earlier ends are forgotten. */
export const FORGIVEN_AFTER_MS = 60_000;

/** What became of one replica. */
export interface RestartStep {
  readonly replica: ReplicaRecord;
  /** It has just ended, or become unhealthy; null = not now. */
  readonly ended: ObservedReplica | null;
}

/** Wait before the next start, ms. `restarts`: starts after an end so far. */
export const backOffMs = (restarts: number): number =>
  Math.min(LONGEST_BACK_OFF_MS, FIRST_BACK_OFF_MS * 2 ** Math.min(restarts, 10));

/**
 * One replica with what its worker last said of it. One that ended is started again after a wait that grows; one
 * that is healthy for a minute begins to count anew; one that recovers before its next start stays. `seen` undefined = nothing is known of this attempt. Pure.
 */
export function stepReplica(
  replica: ReplicaRecord,
  seen: ObservedReplica | undefined,
  now: number,
): RestartStep {
  if (replica.wish !== 'run') return { replica, ended: null };
  const isHealthy = seen?.attempt === replica.attempt && seen.state === 'healthy';
  if (replica.retryAt !== null && !isHealthy) {
    if (replica.retryAt > now) return { replica, ended: null };
    const next = { attempt: replica.attempt + 1, restarts: replica.restarts + 1 };
    return { replica: { ...replica, ...next, retryAt: null, startedAt: null, healthyAt: null }, ended: null };
  }
  if (seen === undefined || seen.attempt !== replica.attempt) return { replica, ended: null };
  if (seen.state === 'exited' || seen.state === 'failed' || seen.state === 'unhealthy') {
    const recovers = seen.state === 'unhealthy' && replica.healthyAt !== null;
    const retryAt = now + Math.max(backOffMs(replica.restarts), recovers ? RECOVERY_MS : 0);
    return { replica: { ...replica, retryAt, healthyAt: null }, ended: seen };
  }
  const startedAt = replica.startedAt ?? (seen.startedAt === null ? null : now);
  if (seen.state !== 'healthy') return { replica: { ...replica, startedAt, healthyAt: null }, ended: null };
  const healthyAt = replica.healthyAt ?? now;
  const restarts = now - healthyAt >= FORGIVEN_AFTER_MS ? 0 : replica.restarts;
  const next = { startedAt: startedAt ?? now, healthyAt, restarts, retryAt: null };
  return { replica: { ...replica, ...next }, ended: null };
}
