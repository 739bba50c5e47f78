import { compareText } from '../dmoe/facts.ts';
import type { DeploymentRecord } from '../store/deployments.ts';
import type { ReleaseRecord } from '../store/releases.ts';
import type { ReplicaRecord } from '../store/replicas.ts';
import {
  type Draft,
  isHealthy,
  keyOfRelease,
  loadsFor,
  nameOf,
  putReplica,
  replicasOf,
  seenOf,
  tell,
} from './draft.ts';
import { pickHost, rejectionsOf } from './place.ts';

/** A replica that gets no more requests is removed this long after, or when it has none left. */
export const DRAIN_MS = 10_000;
/** Before that every ingress has heard of it. */
export const LEAST_DRAIN_MS = 1_000;
const LOOK_AGAIN_MS = 250;
/** Of why no worker takes it, characters. */
const MAX_REASON = 400;

/** One deployment on its way to `wanted` replicas of `target`. */
export interface Rollout {
  readonly deployment: DeploymentRecord;
  readonly target: ReleaseRecord;
  /** It is not the one that serves yet. */
  readonly isNew: boolean;
  readonly wanted: number;
}

/** Those of the target that may stay, and all others that still run. */
export interface Sides {
  readonly current: readonly ReplicaRecord[];
  readonly stale: readonly ReplicaRecord[];
}

export function sidesOf(draft: Draft, { deployment, target }: Rollout): Sides {
  const running = replicasOf(draft, deployment.id).filter(({ wish }) => wish === 'run');
  const stays = (replica: ReplicaRecord) =>
    replica.release === target.number &&
    replica.restartCount >= deployment.restartCount &&
    draft.hosts.get(replica.workerId)?.state !== 'draining';
  return { current: running.filter(stays), stale: running.filter((replica) => !stays(replica)) };
}

/**
 * Whether requests go to healthy replicas of this release: once it has served, and in a rolling update while it is
 * taking over. One that failed, or that waits for its switch (blue-green), gets none.
 */
export const getsRequests = ({ state, healthyAt, spec }: ReleaseRecord): boolean =>
  healthyAt !== null || (spec.strategy === 'rolling' && state !== 'failed' && state !== 'rolled-back');

function serves(draft: Draft, replica: ReplicaRecord): boolean {
  const release = draft.releases.get(keyOfRelease(replica.deploymentId, replica.release));
  return release !== undefined && getsRequests(release) && isHealthy(draft, replica);
}

/** Nothing is known of it for the moment: its worker is coming back. */
const isUnknown = ({ hosts }: Draft, { workerId }: ReplicaRecord): boolean =>
  hosts.get(workerId)?.report === null;

/**
 * Starts what is missing: all at once while nothing else runs, or for a switch; else one more than wanted, and the
 * next when that one is healthy. Gives why there is no place for one; null when there was.
 */
export function startMissing(draft: Draft, rollout: Rollout): string | null {
  const { current, stale } = sidesOf(draft, rollout);
  const { target, wanted } = rollout;
  const atOnce = stale.length === 0 || target.spec.strategy === 'blue-green';
  let total = current.length + stale.length;
  let waits = current.some((replica) => !isHealthy(draft, replica));
  for (let missing = wanted - current.length; missing > 0; missing--) {
    if (!atOnce && !(total < wanted || (!waits && total < wanted + 1))) return null;
    const refused = startOne(draft, rollout, 0);
    if (refused !== null) return refused;
    total++;
    waits = true;
  }
  return null;
}

/** Places one replica; gives why no worker takes it, null when one does. `restarts`: of the one that it replaces. */
export function startOne(draft: Draft, { deployment, target }: Rollout, restarts: number): string | null {
  const { mostPrices, newReplica } = draft.situation;
  const loads = loadsFor(draft, deployment.id);
  const host = pickHost(loads, target.spec, mostPrices)?.host;
  if (host === undefined || host.offer === null) {
    const all = loads.map((load) => {
      const reasons = rejectionsOf(load, target.spec, mostPrices);
      return `${load.host.name}: ${reasons.join(', ')}`;
    });
    return `no worker takes it${all.length === 0 ? ': there is none' : `: ${all.join('; ')}`}`.slice(
      0,
      MAX_REASON,
    );
  }
  const replica: ReplicaRecord = {
    ...newReplica(),
    deploymentId: deployment.id,
    release: target.number,
    workerId: host.peerId,
    wish: 'run',
    attempt: 1,
    restarts,
    retryAt: null,
    prices: host.offer.prices,
    startedAt: null,
    healthyAt: null,
    drainUntil: null,
    restartCount: deployment.restartCount,
    createdAt: draft.now,
  };
  putReplica(draft, replica);
  tell(draft, deployment, 'placed', `${replica.id} of release ${target.number} goes to ${host.name}`);
  return null;
}

/** Replicas that their worker could not start go to another one, where there is one. */
export function moveFailed(draft: Draft, rollout: Rollout): void {
  for (const replica of sidesOf(draft, rollout).current) {
    if (replica.retryAt === null || seenOf(draft, replica)?.state !== 'failed') continue;
    if (startOne(draft, rollout, replica.restarts + 1) !== null) continue;
    putReplica(draft, { ...replica, wish: 'remove', retryAt: null });
    const from = nameOf(draft, replica.workerId);
    tell(
      draft,
      rollout.deployment,
      'moved',
      `${replica.id} could not be started on ${from}: another takes its place`,
    );
  }
}

/**
 * Lets go of what is not needed: replicas of other releases as soon as enough others serve, those that serve
 * nobody at once, and those above what is wanted. `noPlace`: there is none for a replacement, so those on workers
 * that leave go without one.
 */
export function letGo(draft: Draft, rollout: Rollout, noPlace: boolean): void {
  const { current, stale } = sidesOf(draft, rollout);
  const { wanted } = rollout;
  let serving = [...current, ...stale].filter((replica) => serves(draft, replica)).length;
  for (const replica of stale) {
    if (isUnknown(draft, replica)) continue;
    const isServing = serves(draft, replica);
    const leaves = noPlace && draft.hosts.get(replica.workerId)?.state === 'draining';
    if (isServing && serving - 1 < wanted && !leaves) continue;
    if (isServing) serving--;
    drain(draft, replica);
  }
  const spare = current
    .toSorted((a, b) => spareOrder(draft, a, b))
    .slice(0, Math.max(0, current.length - wanted));
  for (const replica of spare) drain(draft, replica);
}

/** Those first that can be spared best: not healthy, then the youngest. */
const spareOrder = (draft: Draft, a: ReplicaRecord, b: ReplicaRecord): number =>
  Number(isHealthy(draft, a)) - Number(isHealthy(draft, b)) ||
  b.createdAt - a.createdAt ||
  compareText(b.id, a.id);

/** No more requests go to it; it is removed when those that it has are over. One that has none goes at once. */
export function drain(draft: Draft, replica: ReplicaRecord): void {
  const isUsed = serves(draft, replica);
  const drainUntil = draft.now + (isUsed ? DRAIN_MS : 0);
  putReplica(draft, { ...replica, wish: isUsed ? 'drain' : 'remove', drainUntil, retryAt: null });
  if (isUsed) draft.times.push(draft.now + LEAST_DRAIN_MS);
}

/** Removes those that have drained. */
export function endDrains(draft: Draft, deploymentId: string): void {
  for (const replica of replicasOf(draft, deploymentId)) {
    const { drainUntil, wish } = replica;
    if (wish !== 'drain' || drainUntil === null) continue;
    const lasted = draft.now - (drainUntil - DRAIN_MS);
    const isOver =
      draft.now >= drainUntil || (lasted >= LEAST_DRAIN_MS && draft.situation.isIdle(deploymentId));
    if (isOver || seenOf(draft, replica)?.state !== 'healthy')
      putReplica(draft, { ...replica, wish: 'remove' });
    else draft.times.push(draft.now + LOOK_AGAIN_MS);
  }
}
