import type { ObservedReplica } from '@rios/sdk/schema/container';
import type { DeploymentRecord } from '../store/deployments.ts';
import type { ReleaseRecord } from '../store/releases.ts';
import type { ReplicaRecord } from '../store/replicas.ts';
import { addTaken, type HostLoad, NOTHING_TAKEN, type Taken } from './place.ts';
import type { Avoidance, DeploymentEvent, DeploymentSituation, Host } from './situation.ts';

/** A plan in the making: what was read, and what it is to become. One per plan, seen by nobody else. */
export interface Draft {
  readonly situation: DeploymentSituation;
  readonly now: number;
  readonly hosts: ReadonlyMap<string, Host>;
  /** As they are to be, by id; those that are gone are not among them. */
  readonly replicas: Map<string, ReplicaRecord>;
  readonly gone: string[];
  /** As they are to be, by `keyOfRelease`. */
  readonly releases: Map<string, ReleaseRecord>;
  /** By worker: what containers take that are or shall be there. */
  readonly taken: Map<string, Taken>;
  readonly avoid: Avoidance[];
  readonly events: DeploymentEvent[];
  /** Times at which something is due. */
  readonly times: number[];
}

export const keyOfRelease = (deploymentId: string, number: number): string => `${deploymentId} ${number}`;

export function openDraft(situation: DeploymentSituation): Draft {
  const draft: Draft = {
    situation,
    now: situation.now,
    hosts: new Map(situation.hosts.map((host) => [host.peerId, host])),
    replicas: new Map(situation.replicas.map((replica) => [replica.id, replica])),
    gone: [],
    releases: new Map(
      situation.releases.map((release) => [keyOfRelease(release.deploymentId, release.number), release]),
    ),
    taken: new Map(),
    avoid: situation.avoid.filter(({ until }) => until > situation.now),
    events: [],
    times: [],
  };
  for (const replica of situation.replicas) addLoad(draft, replica);
  return draft;
}

function addLoad(draft: Draft, replica: ReplicaRecord): void {
  const release = draft.releases.get(keyOfRelease(replica.deploymentId, replica.release));
  if (release === undefined) return;
  const taken = draft.taken.get(replica.workerId) ?? NOTHING_TAKEN;
  draft.taken.set(replica.workerId, addTaken(taken, release.spec));
}

export function putReplica(draft: Draft, replica: ReplicaRecord): void {
  if (!draft.replicas.has(replica.id)) addLoad(draft, replica);
  draft.replicas.set(replica.id, replica);
}

/** Nothing of it is left on its worker, which is told so if it ever comes back. */
export function dropReplica(draft: Draft, { id }: ReplicaRecord): void {
  draft.replicas.delete(id);
  draft.gone.push(id);
}

export const replicasOf = ({ replicas }: Draft, deploymentId: string): ReplicaRecord[] =>
  [...replicas.values()].filter((replica) => replica.deploymentId === deploymentId);

/** What its worker last said of this start of it. */
export function seenOf(
  { hosts }: Draft,
  { id, workerId, attempt }: ReplicaRecord,
): ObservedReplica | undefined {
  return hosts
    .get(workerId)
    ?.report?.replicas.find((observed) => observed.id === id && observed.attempt === attempt);
}

export const isHealthy = (draft: Draft, replica: ReplicaRecord): boolean =>
  replica.wish === 'run' && seenOf(draft, replica)?.state === 'healthy';

/** Workers as a placement of this deployment sees them. */
export function loadsFor(draft: Draft, deploymentId: string): HostLoad[] {
  const mine = replicasOf(draft, deploymentId).filter(({ wish }) => wish === 'run');
  return [...draft.hosts.values()].map((host) => {
    const avoids = draft.avoid.some(
      (one) => one.deploymentId === deploymentId && one.workerId === host.peerId,
    );
    return {
      host,
      taken: draft.taken.get(host.peerId) ?? NOTHING_TAKEN,
      same: mine.filter(({ workerId }) => workerId === host.peerId).length,
      avoided: avoids ? 'a container of it could not be started there a short time ago' : null,
    };
  });
}

export function tell(
  draft: Draft,
  { name, accountId }: DeploymentRecord,
  kind: string,
  message: string,
): void {
  draft.events.push({ kind: `deployment.${kind}`, subject: name, message, accountId });
}

export const nameOf = ({ hosts }: Draft, workerId: string): string => hosts.get(workerId)?.name ?? workerId;
