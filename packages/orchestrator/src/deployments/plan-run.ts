import type { DeploymentState } from '@rios/sdk/schema/deployment';
import type { DeploymentRecord } from '../store/deployments.ts';
import type { ReleaseRecord } from '../store/releases.ts';
import { boundsOf } from './bounds.ts';
import { type Draft, isHealthy, keyOfRelease, replicasOf, tell } from './draft.ts';
import { whyFailed } from './release-failure.ts';
import { drain, letGo, moveFailed, type Rollout, sidesOf, startMissing } from './rollout.ts';

/** What becomes of a deployment that is to run. */
export function planRun(draft: Draft, deployment: DeploymentRecord): DeploymentRecord {
  supersedeOlder(draft, deployment);
  const latest = releaseOf(draft, deployment, deployment.latestRelease);
  if (latest === undefined || !isOpen(latest)) return serve(draft, deployment);
  const rollout = rolloutOf(draft, deployment, latest, true);
  return roll(draft, begin(draft, rollout));
}

const isOpen = ({ state }: ReleaseRecord): boolean => state === 'pending' || state === 'rolling';

const releaseOf = ({ releases }: Draft, { id }: DeploymentRecord, number: number | null) =>
  number === null ? undefined : releases.get(keyOfRelease(id, number));

const putRelease = ({ releases }: Draft, release: ReleaseRecord): void => {
  releases.set(keyOfRelease(release.deploymentId, release.number), release);
};

/** A release that a newer one overtook takes over no more. */
function supersedeOlder(draft: Draft, { id, latestRelease }: DeploymentRecord): void {
  for (const release of [...draft.releases.values()]) {
    if (release.deploymentId !== id || release.number >= latestRelease || !isOpen(release)) continue;
    const reason = `release ${latestRelease} came before it was done`;
    putRelease(draft, { ...release, state: 'superseded', reason });
  }
}

function rolloutOf(
  draft: Draft,
  deployment: DeploymentRecord,
  target: ReleaseRecord,
  isNew: boolean,
): Rollout {
  const { min, max } = boundsOf(target.spec, deployment.scale);
  const asked = draft.situation.wanted.get(deployment.id) ?? Math.max(min, 1);
  const wanted = Math.min(max, Math.max(min, asked));
  // a new release must show that it is healthy, also one that will sleep
  return { deployment, target, isNew, wanted: isNew ? Math.min(max, Math.max(1, wanted)) : wanted };
}

function begin(draft: Draft, rollout: Rollout): Rollout {
  const { deployment, target } = rollout;
  if (target.state !== 'pending') return rollout;
  const rolling = { ...target, state: 'rolling' as const, reason: 'its containers are starting' };
  putRelease(draft, rolling);
  tell(
    draft,
    deployment,
    'rolling',
    `release ${target.number} begins: ${rollout.wanted} replicas are wanted`,
  );
  return { ...rollout, target: rolling };
}

/** Lets go first, so that what becomes free is used at once. Gives why there is no place for one; null = there is. */
function replace(draft: Draft, rollout: Rollout): string | null {
  moveFailed(draft, rollout);
  letGo(draft, rollout, false);
  return startMissing(draft, rollout);
}

/** A new release takes over, or is given up. */
function roll(draft: Draft, rollout: Rollout): DeploymentRecord {
  const { deployment, target, wanted } = rollout;
  const noPlace = replace(draft, rollout);
  const failure = whyFailed(draft, rollout, noPlace);
  if (failure !== null) return giveUp(draft, rollout, failure);
  const healthy = sidesOf(draft, rollout).current.filter((replica) => isHealthy(draft, replica)).length;
  if (healthy >= wanted) return activate(draft, rollout);
  letGo(draft, rollout, noPlace !== null);
  const state = deployment.activeRelease === null ? 'pending' : 'rolling';
  const count = `${healthy} of ${wanted} replicas of release ${target.number} are healthy`;
  return become(draft, deployment, state, noPlace ?? count);
}

function activate(draft: Draft, { deployment, target }: Rollout): DeploymentRecord {
  const before = releaseOf(draft, deployment, deployment.activeRelease);
  if (before !== undefined && before.number !== target.number) {
    const state = target.rollbackOf === null ? 'superseded' : 'rolled-back';
    putRelease(draft, { ...before, state, reason: `release ${target.number} took over` });
  }
  putRelease(draft, { ...target, state: 'active', reason: '', healthyAt: draft.now });
  tell(draft, deployment, 'released', `release ${target.number} serves`);
  return serve(draft, { ...deployment, activeRelease: target.number });
}

function giveUp(draft: Draft, { deployment, target }: Rollout, reason: string): DeploymentRecord {
  putRelease(draft, { ...target, state: 'failed', reason: reason.slice(0, 2000) });
  const active = deployment.activeRelease;
  if (active === null) tell(draft, deployment, 'failed', `release ${target.number} failed: ${reason}`);
  else tell(draft, deployment, 'rolled-back', `release ${target.number} failed, ${active} stays: ${reason}`);
  return serve(draft, deployment);
}

/** The active release has as many replicas as are wanted, and nothing else runs. */
function serve(draft: Draft, deployment: DeploymentRecord): DeploymentRecord {
  const target = releaseOf(draft, deployment, deployment.activeRelease);
  if (target === undefined) return restFailed(draft, deployment);
  const rollout = rolloutOf(draft, deployment, target, false);
  const noPlace = replace(draft, rollout);
  letGo(draft, rollout, noPlace !== null);
  const { wanted } = rollout;
  const { min, max } = boundsOf(target.spec, deployment.scale);
  const autoscaleJson = min === max ? deployment.autoscaleJson : JSON.stringify({ wanted });
  const kept = { ...deployment, autoscaleJson };
  if (wanted === 0) {
    return max === 0
      ? become(draft, kept, 'stopped', 'scaled to 0')
      : become(draft, kept, 'asleep', 'no request for a while: the next one wakes it');
  }
  const running = replicasOf(draft, deployment.id).filter(({ release }) => release === target.number);
  const healthy = running.filter((replica) => isHealthy(draft, replica)).length;
  const count = `${Math.min(healthy, wanted)} of ${wanted} replicas are healthy`;
  if (healthy >= wanted) return become(draft, kept, 'ready', count);
  return become(draft, kept, 'degraded', noPlace === null ? count : `${count}: ${noPlace}`);
}

/** No release of it ever was healthy. */
function restFailed(draft: Draft, deployment: DeploymentRecord): DeploymentRecord {
  for (const replica of replicasOf(draft, deployment.id)) if (replica.wish === 'run') drain(draft, replica);
  const latest = releaseOf(draft, deployment, deployment.latestRelease);
  return { ...deployment, state: 'failed', reason: latest?.reason ?? '' };
}

function become(
  draft: Draft,
  deployment: DeploymentRecord,
  state: DeploymentState,
  reason: string,
): DeploymentRecord {
  const isTold = state === 'ready' || state === 'degraded' || state === 'asleep' || state === 'stopped';
  if (isTold && deployment.state !== state) tell(draft, deployment, state, reason);
  return { ...deployment, state, reason };
}
