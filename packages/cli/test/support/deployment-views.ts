import type { AppSpec } from '@rios/sdk/schema/app';
import type { DeploymentView, ReleaseView, ReplicaView } from '@rios/sdk/schema/deployment';
import { PEERS, SHA256 } from './views.ts';

export const REPLICAS = ['rep_0123456789aaaaaa', 'rep_0123456789bbbbbb'] as const;

export function appSpec(fields: Partial<AppSpec> = {}): AppSpec {
  return {
    source: { kind: 'image', image: `lab.example/hello@sha256:${SHA256}` },
    run: ['node', 'server.js'],
    ports: [8080],
    env: { GREETING: 'hello' },
    secrets: { DB_URL: 'db-url' },
    resources: { cpuMillicores: 250, memoryBytes: 64 * 1024 ** 2, diskBytes: 0, pids: 64, gpus: 0 },
    replicas: { min: 1, max: 3 },
    autoscale: null,
    health: {
      kind: 'http',
      path: '/healthz',
      port: 8080,
      graceMs: 1000,
      intervalMs: 500,
      timeoutMs: 500,
      threshold: 3,
    },
    sandbox: 'gvisor',
    region: null,
    labels: {},
    egress: [{ cidr: '10.0.0.0/8', ports: [5432] }],
    maxPriceWei: null,
    strategy: 'rolling',
    access: 'public',
    ...fields,
  };
}

export function replicaView(fields: Partial<ReplicaView> = {}): ReplicaView {
  return {
    id: REPLICAS[0],
    release: 1,
    worker: PEERS[0],
    workerName: 'w1',
    state: 'healthy',
    reason: '',
    sandbox: 'gvisor',
    exitCode: null,
    restarts: 0,
    retryAt: null,
    startedAt: 1,
    cpuPercent: 12.4,
    memoryBytes: 20 * 1024 ** 2,
    priceWei: '5000000000000000',
    ...fields,
  };
}

export function deploymentView(fields: Partial<DeploymentView> = {}): DeploymentView {
  return {
    id: 'dep_0123456789',
    name: 'hello',
    state: 'ready',
    reason: '',
    url: 'http://hello.localhost:8081',
    activeRelease: 1,
    latestRelease: 1,
    wanted: 1,
    healthy: 1,
    replicas: [replicaView()],
    spec: appSpec(),
    createdAt: 1,
    updatedAt: 2,
    ...fields,
  };
}

export function releaseView(fields: Partial<ReleaseView> = {}): ReleaseView {
  return {
    number: 1,
    state: 'active',
    reason: '',
    digest: SHA256,
    createdAt: 1,
    createdBy: 'acc_0123456789',
    rollbackOf: null,
    ...fields,
  };
}
