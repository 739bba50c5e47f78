import { randomBytes } from 'node:crypto';
import { createId } from '@rios/sdk/ids';
import type { LiveWorker } from '../p2p/live-worker.ts';
import { listDeployments } from '../store/deployments.ts';
import { currentPriceTable } from '../store/price-tables.ts';
import { listCurrentReleases } from '../store/releases.ts';
import { listReplicas } from '../store/replicas.ts';
import type { Store } from '../store/store.ts';
import { parseWanted } from './bounds.ts';
import type { Avoidance, DeploymentSituation, Host } from './situation.ts';
import type { WishTable } from './wish-table.ts';

export interface ObserveDeploymentsModules {
  readonly workers: readonly LiveWorker[];
  readonly canSeal: (sealingKey: string) => boolean;
  /** As read in the same transaction. */
  readonly wishes: Pick<WishTable, 'list'>;
  /** What the autoscaler wants here and now. */
  readonly wanted: ReadonlyMap<string, number>;
  readonly isIdle: (deploymentId: string) => boolean;
  readonly avoid: readonly Avoidance[];
  readonly now: number;
}

/** Reads, in the planner's transaction, what is wished and what is so. */
export async function observeDeployments(
  tx: Store,
  modules: ObserveDeploymentsModules,
): Promise<DeploymentSituation> {
  const { workers, canSeal, wishes, now } = modules;
  const deployments = await listDeployments(tx);
  const { prices } = await currentPriceTable(tx, now);
  const wanted = new Map<string, number>();
  for (const { id, autoscaleJson } of deployments) {
    const count = modules.wanted.get(id) ?? parseWanted(autoscaleJson);
    if (count !== undefined) wanted.set(id, count);
  }
  return {
    now,
    deployments,
    releases: await listCurrentReleases(tx),
    replicas: await listReplicas(tx),
    hosts: workers.map((worker) => toHost(worker, canSeal)),
    wishes: new Map(
      [...wishes.list()].map(([workerId, { generation, replicas }]) => [
        workerId,
        { generation, replicas: new Map(replicas.map(({ id, attempt }) => [id, attempt])) },
      ]),
    ),
    wanted,
    avoid: modules.avoid,
    mostPrices: { cores: prices.cores.mostWei, memory: prices.memory.mostWei, gpus: prices.gpus.mostWei },
    isIdle: modules.isIdle,
    newReplica: () => ({ id: createId('rep', now), ticketNonce: randomBytes(16).toString('hex') }),
  };
}

/** A worker as the planner of containers sees it. */
export function toHost(worker: LiveWorker, canSeal: (sealingKey: string) => boolean): Host {
  const { peerId, offer, state, containers } = worker;
  const { name, region, labels, sealingKey } = offer;
  const refusal =
    offer.containers === undefined || canSeal(sealingKey) ? null : 'its sealing key is no X25519 key';
  return {
    peerId,
    name,
    region,
    labels,
    state,
    sealingKey,
    offer: refusal === null ? (offer.containers ?? null) : null,
    noOffer: refusal ?? offer.containersReason ?? '',
    report: containers,
  };
}
