import type { AppHealth } from '@rios/sdk/schema/app';
import type { ReplicaRecord } from '../store/replicas.ts';
import { type Draft, nameOf, seenOf } from './draft.ts';
import { howEnded } from './observe-replicas.ts';
import { CRASH_LOOP } from './restart.ts';
import { type Rollout, sidesOf } from './rollout.ts';

/** Beyond what its health check needs, a container of a new release gets this long to become healthy. */
const SLACK_MS = 60_000;
/** Its image or folder must be there and started within this. */
const START_LIMIT_MS = 15 * 60_000;
/** A new release that has no place gives up after this, where another one serves. */
const PLACE_LIMIT_MS = 60_000;

/** Why the new release is given up; null while it may still become healthy. `noPlace`: why none takes a replica. */
export function whyFailed(draft: Draft, rollout: Rollout, noPlace: string | null): string | null {
  const { current } = sidesOf(draft, rollout);
  for (const replica of current) {
    const why = whyReplicaFailed(draft, rollout, replica);
    if (why !== null) return why;
  }
  const { deployment, target } = rollout;
  if (noPlace === null || deployment.activeRelease === null) return null;
  const until = target.createdAt + PLACE_LIMIT_MS;
  if (draft.now >= until && current.length === 0) return noPlace;
  if (draft.now < until) draft.times.push(until);
  return null;
}

function whyReplicaFailed(draft: Draft, { target }: Rollout, replica: ReplicaRecord): string | null {
  const seen = seenOf(draft, replica);
  const where = `${replica.id} on ${nameOf(draft, replica.workerId)}`;
  const ends = replica.restarts + (replica.retryAt === null ? 0 : 1);
  if (ends >= CRASH_LOOP) {
    return `${where} ended ${ends} times${seen === undefined ? '' : `: it ${howEnded(seen)}`}`;
  }
  if (replica.healthyAt !== null) return null;
  const since = replica.startedAt ?? replica.createdAt;
  const limitMs = replica.startedAt === null ? START_LIMIT_MS : healthLimitMs(target.spec.health);
  if (draft.now >= since + limitMs) {
    const how = seen === undefined ? '' : `: it ${howEnded(seen)}`;
    return `${where} was not healthy within ${Math.round(limitMs / 1000)} s${how}`;
  }
  draft.times.push(since + limitMs);
  return null;
}

const healthLimitMs = (health: AppHealth): number =>
  SLACK_MS + (health.kind === 'none' ? 0 : health.graceMs + health.threshold * health.intervalMs);
