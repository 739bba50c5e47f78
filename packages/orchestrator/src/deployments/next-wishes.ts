import { sha256Of } from '@rios/sdk/crypto/hash';
import type { DesiredContainers, DesiredReplica } from '@rios/sdk/schema/container';
import { ticketSchema } from '@rios/sdk/schema/trust';
import { FETCH_TICKET_MS, type TicketIssuer } from '../p2p/ticket-issuer.ts';
import type { DeploymentRecord } from '../store/deployments.ts';
import type { ReleaseRecord } from '../store/releases.ts';
import type { ReplicaRecord } from '../store/replicas.ts';
import { keyOfRelease } from './draft.ts';
import type { DeploymentSituation, DeploymentsPlan, Host } from './situation.ts';
import type { WishTable } from './wish-table.ts';

/** Seals what a container's environment shall be to the worker that runs it. */
export type SealEnvironment = (wish: {
  readonly accountId: string;
  readonly spec: ReleaseRecord['spec'];
  /** X25519 public key of the worker, base64url. */
  readonly sealingKey: string;
  readonly replicaId: string;
}) => Promise<string>;

export interface NextWishModules {
  readonly tickets: Pick<TicketIssuer, 'fetch'>;
  readonly seal: SealEnvironment;
}

/** What new wishes are made of. */
export interface WishSituation {
  readonly situation: Pick<DeploymentSituation, 'deployments' | 'releases' | 'hosts' | 'now'>;
  readonly plan: Pick<DeploymentsPlan, 'wishes' | 'deployments'>;
  readonly wishes: Pick<WishTable, 'newest'>;
}

/** One container that a worker shall have, and what it is of. */
export interface WishedReplica {
  readonly replica: ReplicaRecord;
  readonly deployment: DeploymentRecord;
  readonly release: ReleaseRecord;
}

/**
 * The next wish of a worker; undefined when it is what `before` says. A container that was wished before stays as it
 * was told, byte for byte: a secret that was set since then reaches it with its next start.
 */
export async function nextWish(
  { tickets, seal }: NextWishModules,
  host: Pick<Host, 'peerId' | 'sealingKey' | 'report'>,
  wished: readonly WishedReplica[],
  { before, now }: { before: DesiredContainers | undefined; now: number },
): Promise<DesiredContainers | undefined> {
  const known = new Map(before?.replicas.map((replica) => [replica.id, replica]));
  const replicas: DesiredReplica[] = [];
  let isSame = before !== undefined && before.replicas.length === wished.length;
  for (const one of wished) {
    const old = known.get(one.replica.id);
    const stays = old !== undefined && old.attempt === one.replica.attempt;
    if (stays && !(stillFetches(host, old) && isOld(old, now))) {
      replicas.push(old);
      continue;
    }
    isSame = false;
    replicas.push(await toDesired(one, host, { tickets, seal }));
  }
  return isSame ? undefined : { generation: (before?.generation ?? 0) + 1, replicas };
}

/** Its ticket to read its file may end before it has it. */
function stillFetches({ report }: Pick<Host, 'report'>, { id, fetchTicket }: DesiredReplica): boolean {
  const state = report?.replicas.find((seen) => seen.id === id)?.state;
  return fetchTicket !== null && (state === undefined || state === 'waiting' || state === 'fetching');
}

function isOld({ fetchTicket }: DesiredReplica, now: number): boolean {
  if (fetchTicket === null) return false;
  const { issuedAt } = ticketSchema.parse(
    JSON.parse(Buffer.from(fetchTicket.ticket.payload, 'base64url').toString()),
  );
  return now - issuedAt > FETCH_TICKET_MS / 2;
}

async function toDesired(
  { replica, deployment, release }: WishedReplica,
  { peerId, sealingKey }: Pick<Host, 'peerId' | 'sealingKey'>,
  { tickets, seal }: NextWishModules,
): Promise<DesiredReplica> {
  const { spec } = release;
  const { accountId } = deployment;
  return {
    id: replica.id,
    deploymentId: deployment.id,
    app: deployment.name,
    release: release.number,
    tenant: sha256Of(Buffer.from(`${peerId} ${accountId}`)).slice(0, 32),
    source: spec.source,
    run: spec.run,
    ports: spec.ports,
    sealedEnv: await seal({ accountId, spec, sealingKey, replicaId: replica.id }),
    resources: spec.resources,
    health: spec.health,
    sandbox: spec.sandbox,
    egress: spec.egress,
    fetchTicket: spec.source.kind === 'image' ? null : tickets.fetch(peerId, spec.source.file.sha256, []),
    attempt: replica.attempt,
    prices: replica.prices,
    ticketNonce: replica.ticketNonce,
  };
}

/** The wishes that differ from the stored ones, by worker. */
export async function nextWishes(
  modules: NextWishModules,
  { situation, plan, wishes }: WishSituation,
): Promise<Map<string, DesiredContainers>> {
  const deployments = new Map([...situation.deployments, ...plan.deployments].map((one) => [one.id, one]));
  const releases = new Map(
    situation.releases.map((one) => [keyOfRelease(one.deploymentId, one.number), one]),
  );
  const hosts = new Map(situation.hosts.map((host) => [host.peerId, host]));
  const next = new Map<string, DesiredContainers>();
  for (const [workerId, replicas] of plan.wishes) {
    const host = hosts.get(workerId);
    if (host === undefined) continue;
    const wished = replicas.flatMap((replica) => {
      const deployment = deployments.get(replica.deploymentId);
      const release = releases.get(keyOfRelease(replica.deploymentId, replica.release));
      return deployment === undefined || release === undefined ? [] : [{ replica, deployment, release }];
    });
    const wish = await nextWish(modules, host, wished, {
      before: wishes.newest(workerId),
      now: situation.now,
    });
    if (wish !== undefined) next.set(workerId, wish);
  }
  return next;
}
