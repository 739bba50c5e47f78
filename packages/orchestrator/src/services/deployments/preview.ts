import type { DeploymentPlan } from '@rios/sdk/schema/deployment';
import { boundsOf } from '../../deployments/bounds.ts';
import {
  addTaken,
  type HostLoad,
  NOTHING_TAKEN,
  planPlacement,
  type Taken,
} from '../../deployments/place.ts';
import { findDeployment } from '../../store/deployments.ts';
import { currentPriceTable } from '../../store/price-tables.ts';
import { getRelease } from '../../store/releases.ts';
import { listReplicas, type ReplicaRecord } from '../../store/replicas.ts';
import type { Store } from '../../store/store.ts';
import { listWorkers, type StoredWorker } from '../../store/workers.ts';
import type { AppWish, DeploymentModules } from './deployments-port.ts';

/** Where the replicas of a release would go now, what they cost, and why not elsewhere; changes nothing. */
export async function previewPlacement(
  { store, clock }: Pick<DeploymentModules, 'store' | 'clock'>,
  { name, spec }: AppWish,
): Promise<DeploymentPlan> {
  const known = await findDeployment(store, name);
  const { min } = boundsOf(spec, {});
  const replicas = await listReplicas(store);
  const taken = await readTaken(store, replicas);
  const loads = (await listWorkers(store)).map(
    (worker): HostLoad => ({
      host: hostOf(worker),
      taken: taken.get(worker.peerId) ?? NOTHING_TAKEN,
      same: replicas.filter((one) => one.workerId === worker.peerId && one.deploymentId === known?.id).length,
      avoided: null,
    }),
  );
  const { prices } = await currentPriceTable(store, clock.now());
  const most = { cores: prices.cores.mostWei, memory: prices.memory.mostWei, gpus: prices.gpus.mostWei };
  return planPlacement(spec, Math.max(1, min), { loads, most });
}

const hostOf = ({ peerId, offer, state }: StoredWorker): HostLoad['host'] => ({
  peerId,
  name: offer.name,
  region: offer.region,
  labels: offer.labels,
  state,
  sealingKey: offer.sealingKey,
  offer: offer.containers ?? null,
  noOffer: offer.containersReason ?? '',
  report: null,
});

/** What each worker's containers take, by the sizes of their releases. */
async function readTaken(store: Store, replicas: readonly ReplicaRecord[]): Promise<Map<string, Taken>> {
  const taken = new Map<string, Taken>();
  for (const { workerId, deploymentId, release, wish } of replicas) {
    const found = wish === 'remove' ? undefined : await getRelease(store, deploymentId, release);
    if (found === undefined) continue;
    taken.set(workerId, addTaken(taken.get(workerId) ?? NOTHING_TAKEN, found.spec));
  }
  return taken;
}
