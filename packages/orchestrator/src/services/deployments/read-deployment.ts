import { RiosError } from '@rios/sdk/errors/error';
import type { DeploymentView } from '@rios/sdk/schema/deployment';
import type { DeploymentRecord } from '../../store/deployments.ts';
import { listObservedReplicas } from '../../store/observed-replicas.ts';
import { getRelease, type ReleaseRecord } from '../../store/releases.ts';
import { listReplicas } from '../../store/replicas.ts';
import type { Store } from '../../store/store.ts';
import { listWorkerNames } from '../../store/worker-names.ts';
import { deploymentViewOf } from './deployment-view.ts';
import type { DeploymentModules } from './deployments-port.ts';

/** Puts together what is stored of a deployment, and what its workers last said. */
export async function readDeploymentView(
  { store, urlOf }: Pick<DeploymentModules, 'store' | 'urlOf'>,
  deployment: DeploymentRecord,
): Promise<DeploymentView> {
  const { id, latestRelease, activeRelease } = deployment;
  const latest = await releaseOf(store, id, latestRelease);
  const isSame = activeRelease === null || activeRelease === latestRelease;
  const active = isSame ? [] : [await releaseOf(store, id, activeRelease)];
  const replicas = await listReplicas(store, id);
  const workerIds = [...new Set(replicas.map(({ workerId }) => workerId))];
  return deploymentViewOf({
    deployment,
    releases: [latest, ...active],
    replicas,
    observed: await listObservedReplicas(store, workerIds),
    workerNames: await listWorkerNames(store, workerIds),
    url: urlOf(deployment.name),
    spec: latest.spec,
  });
}

/** @throws RiosError NOT_FOUND_RELEASE */
export async function releaseOf(store: Store, id: string, number: number): Promise<ReleaseRecord> {
  const release = await getRelease(store, id, number);
  if (release !== undefined) return release;
  throw new RiosError('NOT_FOUND_RELEASE', `there is no release ${number} any more`);
}
