import { createId } from '@rios/sdk/ids';
import type { AppSpec } from '@rios/sdk/schema/app';
import { type DeploymentRecord, getDeployment, insertDeployment } from '../../src/store/deployments.ts';
import { insertRelease, type ReleaseRecord } from '../../src/store/releases.ts';
import { putReplica, type ReplicaRecord } from '../../src/store/replicas.ts';
import type { Store } from '../../src/store/store.ts';

const MIB = 1024 ** 2;

/** A small application, of an image unless told otherwise. */
export const anAppSpec = (given: Partial<AppSpec> = {}): AppSpec => ({
  source: { kind: 'image', image: `registry.example/hello@sha256:${'a'.repeat(64)}` },
  run: [],
  ports: [8080],
  env: {},
  secrets: {},
  resources: { cpuMillicores: 100, memoryBytes: 64 * MIB, diskBytes: 16 * MIB, pids: 64, gpus: 0 },
  replicas: { min: 1, max: 1 },
  autoscale: null,
  health: { kind: 'none' },
  sandbox: 'standard',
  region: null,
  labels: {},
  egress: [],
  maxPriceWei: null,
  strategy: 'rolling',
  access: 'public',
  ...given,
});

export const aRelease = (given: Partial<ReleaseRecord> & { deploymentId: string }): ReleaseRecord => {
  const { spec = anAppSpec() } = given;
  return {
    number: 1,
    state: 'active',
    reason: '',
    spec,
    fileSha256: spec.source.kind === 'image' ? null : spec.source.file.sha256,
    rollbackOf: null,
    createdBy: 'acc_owner00000',
    createdAt: 1,
    healthyAt: 2,
    ...given,
  };
};

/** A deployment whose first release serves; gives its id. */
export async function addDeployment(
  store: Store,
  given: Partial<DeploymentRecord> & { name: string; accountId: string },
  release: Partial<ReleaseRecord> = {},
): Promise<string> {
  const id = given.id ?? createId('dep', 1);
  await insertDeployment(store, {
    id,
    state: 'ready',
    reason: '',
    wish: 'run',
    activeRelease: 1,
    latestRelease: 1,
    scale: {},
    restartCount: 0,
    autoscaleJson: '{}',
    createdAt: 1,
    updatedAt: 1,
    ...given,
  });
  await insertRelease(store, aRelease({ deploymentId: id, ...release }));
  return id;
}

/** A replica of its latest release. */
export async function addReplica(
  store: Store,
  deploymentId: string,
  given: Partial<ReplicaRecord> & { workerId: string },
): Promise<ReplicaRecord> {
  const known = await getDeployment(store, deploymentId);
  const id = given.id ?? createId('rpl', 1);
  const replica: ReplicaRecord = {
    id,
    deploymentId,
    release: known?.latestRelease ?? 1,
    wish: 'run',
    attempt: 1,
    restarts: 0,
    retryAt: null,
    prices: { cores: '10', memory: '5', gpus: '0' },
    ticketNonce: Buffer.from(id).toString('hex').slice(-32).padStart(32, '0'),
    startedAt: null,
    healthyAt: null,
    drainUntil: null,
    restartCount: known?.restartCount ?? 0,
    createdAt: 1,
    ...given,
  };
  await putReplica(store, replica);
  return replica;
}
