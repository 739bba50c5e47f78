import type { DeploymentRecord } from '../store/deployments.ts';
import type { ReplicaRecord } from '../store/replicas.ts';
import { type Draft, openDraft, putReplica, replicasOf, tell } from './draft.ts';
import { observeReplicas } from './observe-replicas.ts';
import { planRun } from './plan-run.ts';
import { drain, endDrains } from './rollout.ts';
import type { DeploymentSituation, DeploymentsPlan } from './situation.ts';

/**
 * Compares what is wished of every deployment with what workers say, and tells what to do: which containers run
 * where, what becomes of releases and deployments, what each worker is to have. Pure; the oldest deployment first.
 */
export function planDeployments(situation: DeploymentSituation): DeploymentsPlan {
  const draft = openDraft(situation);
  const deployments = situation.deployments.toSorted((a, b) => a.createdAt - b.createdAt);
  const deleted: string[] = [];
  const planned: DeploymentRecord[] = [];
  for (const deployment of deployments) {
    observeReplicas(draft, deployment, replicasOf(draft, deployment.id));
    const next = planOne(draft, deployment);
    endDrains(draft, deployment.id);
    if (next === null) deleted.push(deployment.id);
    else planned.push(next);
  }
  const known = new Map(deployments.map((one) => [one.id, one]));
  const rows = new Map(situation.replicas.map((one) => [one.id, one]));
  const times = [...draft.times, ...draft.avoid.map(({ until }) => until)];
  return {
    deployments: planned.filter((one) => differs(one, known.get(one.id))),
    releases: [...draft.releases.values()].filter((one) => !situation.releases.includes(one)),
    replicas: [...draft.replicas.values()].filter((one) => differs(one, rows.get(one.id))),
    gone: draft.gone,
    deleted,
    wishes: wishesOf(draft),
    events: draft.events,
    avoid: draft.avoid,
    nextAt: times.length === 0 ? undefined : Math.max(situation.now + 1, Math.min(...times)),
  };
}

const differs = (after: object, before: object | undefined): boolean =>
  JSON.stringify(after) !== JSON.stringify(before);

/** What becomes of it; null when nothing of it is left. */
function planOne(draft: Draft, deployment: DeploymentRecord): DeploymentRecord | null {
  switch (deployment.wish) {
    case 'run':
      return planRun(draft, deployment);
    case 'stop':
      return rest(draft, deployment, 'stopped', 'stopped by its owner');
    case 'pause':
      return rest(draft, deployment, 'paused', 'its account has no money left');
    case 'delete': {
      for (const replica of replicasOf(draft, deployment.id))
        putReplica(draft, { ...replica, wish: 'remove' });
      const left = replicasOf(draft, deployment.id).length;
      if (left > 0)
        return { ...deployment, state: 'deleting', reason: `${left} containers are being removed` };
      tell(draft, deployment, 'deleted', 'nothing of it is left');
      return null;
    }
  }
}

/** Nothing runs, but all is kept. */
function rest(
  draft: Draft,
  deployment: DeploymentRecord,
  state: 'stopped' | 'paused',
  reason: string,
): DeploymentRecord {
  for (const replica of replicasOf(draft, deployment.id)) if (replica.wish === 'run') drain(draft, replica);
  if (deployment.state !== state) tell(draft, deployment, state, reason);
  return { ...deployment, state, reason };
}

/** Every worker that is connected and takes containers, or was told of some before: all that it shall have. */
function wishesOf({ hosts, replicas, situation }: Draft): Map<string, ReplicaRecord[]> {
  const wishes = new Map<string, ReplicaRecord[]>();
  for (const { peerId, state, offer } of hosts.values()) {
    const isConnected = state !== 'lost' && state !== 'joining';
    if ((isConnected && offer !== null) || situation.wishes.has(peerId)) wishes.set(peerId, []);
  }
  for (const replica of replicas.values()) {
    if (replica.wish !== 'remove') wishes.get(replica.workerId)?.push(replica);
  }
  return wishes;
}
