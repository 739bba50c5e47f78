import { sha256Of } from '@rios/sdk/crypto/hash';
import { RiosError } from '@rios/sdk/errors/error';
import type { Log } from '@rios/sdk/log';
import type { DesiredContainers, DesiredReplica } from '@rios/sdk/schema/container';
import { ticketSchema } from '@rios/sdk/schema/trust';
import { FETCH_TICKET_MS, type TicketIssuer } from '../p2p/ticket-issuer.ts';
import type { SealedEnvWish } from '../services/deployments/app-secrets.ts';
import type { DeploymentRecord } from '../store/deployments.ts';
import type { ReleaseRecord } from '../store/releases.ts';
import type { ReplicaRecord } from '../store/replicas.ts';
import { keyOfRelease } from './draft.ts';
import { MAX_WISH_BYTES } from './place.ts';
import type { DeploymentSituation, DeploymentsPlan, Host } from './situation.ts';
import type { WishTable } from './wish-table.ts';

export interface NextWishModules {
  readonly tickets: Pick<TicketIssuer, 'fetch'>;
  /** Seals what a container's environment shall be to the worker that runs it. */
  readonly seal: (wish: SealedEnvWish) => Promise<string>;
  readonly log: Log;
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
 * was told, byte for byte: a secret that was set since then reaches it with its next start. One whose environment
 * cannot be sealed is left out until it can.
 */
export async function nextWish(
  modules: NextWishModules,
  host: Pick<Host, 'peerId' | 'sealingKey' | 'report'>,
  wished: readonly WishedReplica[],
  { before, now }: { before: DesiredContainers | undefined; now: number },
): Promise<DesiredContainers | undefined> {
  const known = new Map(before?.replicas.map((replica) => [replica.id, replica]));
  const replicas: DesiredReplica[] = [];
  let leftBytes = MAX_WISH_BYTES;
  for (const one of wished) {
    const old = known.get(one.replica.id);
    const stays = old !== undefined && old.attempt === one.replica.attempt;
    const keeps = stays && !(stillFetches(host, old) && isOld(old, now));
    const desired = keeps ? old : await tryDesired(modules, one, host);
    if (desired === undefined) continue;
    leftBytes -= JSON.stringify(desired).length;
    // secrets may be longer than was thought at placing: what is there already goes first
    if (leftBytes >= 0 || keeps) replicas.push(desired);
    else modules.log.error('a worker has no room to be told of a container', { replica: desired.id });
  }
  const isSame =
    before !== undefined &&
    before.replicas.length === replicas.length &&
    replicas.every((replica) => replica === known.get(replica.id));
  return isSame ? undefined : { generation: (before?.generation ?? 0) + 1, replicas };
}

async function tryDesired(
  modules: NextWishModules,
  wished: WishedReplica,
  host: Pick<Host, 'peerId' | 'sealingKey'>,
): Promise<DesiredReplica | undefined> {
  try {
    return await toDesired(wished, host, modules);
  } catch (error) {
    if (!(error instanceof RiosError)) throw error;
    const { replica, deployment } = wished;
    modules.log.error('a container cannot be told to its worker', {
      app: deployment.name,
      replica: replica.id,
      error: String(error),
    });
    return undefined;
  }
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
