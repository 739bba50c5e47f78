import type { ObservedReplica } from '@rios/sdk/schema/container';
import type { DeploymentRecord } from '../store/deployments.ts';
import type { ReplicaRecord } from '../store/replicas.ts';
import { type Draft, dropReplica, nameOf, putReplica, seenOf, tell } from './draft.ts';
import { CRASH_LOOP, FORGIVEN_AFTER_MS, stepReplica } from './restart.ts';

/** A worker that could not start a container gets none of that deployment for this long, if another can. */
const AVOID_MS = 60_000;
/** Of the last lines of a container, in a message. */
const MAX_TAIL = 1500;

/** Takes what workers say of this deployment's containers: those that are gone, those that ended. */
export function observeReplicas(
  draft: Draft,
  deployment: DeploymentRecord,
  replicas: readonly ReplicaRecord[],
) {
  for (const replica of replicas) {
    const lost = whyLost(draft, replica);
    if (lost !== null) {
      dropReplica(draft, replica);
      if (replica.wish === 'run') tell(draft, deployment, 'replica-lost', `${replica.id}: ${lost}`);
    } else if (isRemoved(draft, replica)) dropReplica(draft, replica);
    else observeOne(draft, deployment, replica);
  }
}

/** Why nothing of it is left, though nobody removed it; null when it is, or may be, there. */
function whyLost(draft: Draft, { workerId }: ReplicaRecord): string | null {
  const host = draft.hosts.get(workerId);
  if (host === undefined) return `${workerId} was removed from the network`;
  if (host.state === 'lost') return `${host.name} is lost`;
  const isConnected = host.state !== 'joining';
  return isConnected && host.offer === null ? `${host.name} takes no containers now: ${host.noOffer}` : null;
}

/** Its worker follows a wish that does not name it, and has none of it. */
function isRemoved({ hosts, situation }: Draft, { id, workerId, wish }: ReplicaRecord): boolean {
  const report = hosts.get(workerId)?.report;
  const head = situation.wishes.get(workerId);
  if (wish !== 'remove' || !report || head === undefined || head.replicas.has(id)) return false;
  return report.generation >= head.generation && !report.replicas.some((observed) => observed.id === id);
}

function observeOne(draft: Draft, deployment: DeploymentRecord, before: ReplicaRecord): void {
  const { replica, ended } = stepReplica(before, seenOf(draft, before), draft.now);
  putReplica(draft, replica);
  if (replica.wish !== 'run') return;
  if (replica.retryAt !== null) draft.times.push(replica.retryAt);
  if (replica.healthyAt !== null && replica.restarts > 0) {
    draft.times.push(replica.healthyAt + FORGIVEN_AFTER_MS);
  }
  if (ended === null) return;
  const { workerId } = replica;
  if (ended.state === 'failed') {
    draft.avoid.push({ deploymentId: deployment.id, workerId, until: draft.now + AVOID_MS });
  }
  tell(draft, deployment, 'replica-ended', `${replica.id} on ${nameOf(draft, workerId)} ${howEnded(ended)}`);
  if (replica.restarts + 1 === CRASH_LOOP) {
    tell(draft, deployment, 'crash-looping', `${replica.id} ended ${CRASH_LOOP} times: ${howEnded(ended)}`);
  }
}

/** What a replica's end was, with the last that it wrote. */
export function howEnded({ state, exitCode, error, tail }: ObservedReplica): string {
  const what = {
    exited: `exited with code ${exitCode ?? '?'}`,
    unhealthy: 'became unhealthy',
    failed: 'could not be started',
  } as const;
  const how = state === 'exited' || state === 'unhealthy' || state === 'failed' ? what[state] : `is ${state}`;
  const why = error === null || error.message === `it exited with ${exitCode}` ? '' : `: ${error.message}`;
  const lines = lastLines(tail.trim());
  return `${how}${why}${lines === '' ? '' : `; last lines:\n${lines}`}`;
}

/** As many whole lines from the end as a message may have. */
function lastLines(text: string): string {
  if (text.length <= MAX_TAIL) return text;
  const cut = text.slice(-MAX_TAIL);
  return cut.slice(cut.indexOf('\n') + 1);
}
