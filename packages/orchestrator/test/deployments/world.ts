import type { ObservedReplica, ReplicaState } from '@rios/sdk/schema/container';
import { planDeployments } from '../../src/deployments/plan.ts';
import { getsRequests } from '../../src/deployments/rollout.ts';
import type {
  Avoidance,
  DeploymentEvent,
  DeploymentSituation,
  DeploymentsPlan,
  Host,
} from '../../src/deployments/situation.ts';
import type { DeploymentRecord } from '../../src/store/deployments.ts';
import type { ReleaseRecord } from '../../src/store/releases.ts';
import type { ReplicaRecord } from '../../src/store/replicas.ts';
import { anAppSpec, aRelease } from '../support/seed-deployments.ts';
import { aContainerOffer } from './builders.ts';

const MOST = { cores: '1000', memory: '1000', gpus: '1000' };
export const DEPLOYMENT = 'dep_world000000';

/** Planner and workers in memory: time goes on by steps, and workers do what they are told. */
export interface World {
  now: number;
  deployment: DeploymentRecord;
  readonly releases: Map<number, ReleaseRecord>;
  replicas: Map<string, ReplicaRecord>;
  readonly hosts: Map<string, WorldHost>;
  wanted: number | undefined;
  readonly events: DeploymentEvent[];
  /** What a container of a release becomes some time after its start. */
  outcome: (replica: ReplicaRecord) => ReplicaState;
  /** Workers that do not get to what they are told. */
  readonly busy: Set<string>;
  /** Plans, writes the plan, and lets workers follow it; `ms` pass before. */
  step(ms?: number): DeploymentsPlan;
  deploy(given?: Parameters<typeof anAppSpec>[0], rollbackOf?: number): void;
  /** Replicas that get requests. */
  serving(): ReplicaRecord[];
  running(): ReplicaRecord[];
}

export interface WorldHost {
  host: Host;
  generation: number;
  wish: Map<string, ReplicaRecord>;
  /** Replica id -> what it says, and since when. */
  readonly containers: Map<string, { attempt: number; since: number; state: ReplicaState }>;
}

/** So long does a container take to start, ms. */
const START_MS = 1_500;

export function createWorld(hostCount: number): World {
  let count = 0;
  let avoid: readonly Avoidance[] = [];
  const world: World = {
    now: 1_700_000_000_000,
    deployment: {
      id: DEPLOYMENT,
      name: 'app',
      accountId: 'acc_owner00000',
      state: 'pending',
      reason: '',
      wish: 'run',
      activeRelease: null,
      latestRelease: 0,
      scale: {},
      restartCount: 0,
      autoscaleJson: '{}',
      createdAt: 1,
      updatedAt: 1,
    },
    releases: new Map(),
    replicas: new Map(),
    hosts: new Map(),
    wanted: undefined,
    events: [],
    outcome: () => 'healthy',
    busy: new Set(),
    deploy: (given = {}, rollbackOf) => {
      const number = world.deployment.latestRelease + 1;
      const spec = anAppSpec({ health: HEALTH, ...given });
      const release = aRelease({ deploymentId: DEPLOYMENT, number, spec, state: 'pending', healthyAt: null });
      world.releases.set(number, { ...release, createdAt: world.now, rollbackOf: rollbackOf ?? null });
      world.deployment = { ...world.deployment, latestRelease: number, wish: 'run' };
    },
    step: (ms = 500) => {
      world.now += ms;
      for (const host of world.hosts.values()) work(world, host);
      const plan = planDeployments(situationOf(world, avoid, () => count++));
      avoid = plan.avoid;
      write(world, plan);
      return plan;
    },
    running: () => [...world.replicas.values()].filter(({ wish }) => wish === 'run'),
    serving: () => world.running().filter((replica) => serves(world, replica)),
  };
  for (let index = 0; index < hostCount; index++) addHost(world, index);
  return world;
}

const HEALTH = {
  kind: 'tcp',
  port: 8080,
  graceMs: 2000,
  intervalMs: 500,
  timeoutMs: 500,
  threshold: 3,
} as const;

function addHost(world: World, index: number): void {
  const peerId = `host-${index}`;
  const host: Host = {
    peerId,
    name: peerId,
    region: 'here',
    labels: {},
    state: 'listed',
    sealingKey: '',
    offer: aContainerOffer(),
    noOffer: '',
    report: { generation: 0, replicas: [] },
  };
  world.hosts.set(peerId, { host, generation: 0, wish: new Map(), containers: new Map() });
}

/** A worker follows its newest wish. */
function work(world: World, one: WorldHost): void {
  const { containers, wish, host, generation } = one;
  if (host.state === 'lost' || world.busy.has(host.peerId)) return;
  for (const id of containers.keys()) if (!wish.has(id)) containers.delete(id);
  for (const [id, replica] of wish) {
    const known = containers.get(id);
    if (known?.attempt !== replica.attempt) {
      containers.set(id, { attempt: replica.attempt, since: world.now, state: 'starting' });
    } else if (world.now - known.since >= START_MS) {
      containers.set(id, { ...known, state: world.outcome(replica) });
    }
  }
  one.host = { ...host, report: { generation, replicas: [...containers].map(observed) } };
}

const observed = ([id, { attempt, state, since }]: [
  string,
  { attempt: number; since: number; state: ReplicaState },
]): ObservedReplica => ({
  id,
  attempt,
  state,
  sandbox: 'standard',
  error: null,
  exitCode: state === 'exited' ? 1 : null,
  tail: '',
  startedAt: since,
  cpuPercent: null,
  memoryBytes: null,
});

const situationOf = (world: World, avoid: readonly Avoidance[], next: () => number): DeploymentSituation => ({
  now: world.now,
  deployments: [world.deployment],
  releases: [...world.releases.values()],
  replicas: [...world.replicas.values()],
  hosts: [...world.hosts.values()].map(({ host }) => host),
  wishes: new Map(
    [...world.hosts].map(([id, { generation, wish }]) => [
      id,
      { generation, replicas: new Map([...wish.values()].map((one) => [one.id, one.attempt])) },
    ]),
  ),
  wanted: world.wanted === undefined ? new Map() : new Map([[DEPLOYMENT, world.wanted]]),
  avoid,
  mostPrices: MOST,
  isIdle: () => false,
  newReplica: () => {
    const number = String(next()).padStart(9, '0');
    return { id: `rep_${number}`, ticketNonce: number.padStart(32, '0') };
  },
});

function write(world: World, plan: DeploymentsPlan): void {
  for (const id of plan.gone) world.replicas.delete(id);
  for (const replica of plan.replicas) world.replicas.set(replica.id, replica);
  for (const release of plan.releases) world.releases.set(release.number, release);
  world.deployment = plan.deployments[0] ?? world.deployment;
  world.events.push(...plan.events);
  for (const [workerId, wished] of plan.wishes) {
    const one = world.hosts.get(workerId);
    if (one === undefined) continue;
    one.wish = new Map(wished.map((replica) => [replica.id, replica]));
    one.generation++;
  }
}

function serves(world: World, { id, attempt, workerId, release }: ReplicaRecord): boolean {
  const one = world.hosts.get(workerId);
  const seen = one?.host.report?.replicas.find((known) => known.id === id && known.attempt === attempt);
  const known = world.releases.get(release);
  return (
    one?.host.state !== 'lost' && seen?.state === 'healthy' && known !== undefined && getsRequests(known)
  );
}

/** Sets the state of a worker: one that is lost has nothing any more when it comes back. */
export function setHostState(world: World, peerId: string, state: Host['state']): void {
  const one = world.hosts.get(peerId);
  if (one === undefined) return;
  const isBack = one.host.state === 'lost' && state !== 'lost';
  if (isBack) one.containers.clear();
  const report = state === 'lost' ? null : { generation: one.generation, replicas: [] };
  one.host = { ...one.host, state, report: isBack || state === 'lost' ? report : one.host.report };
}
