import type { RiosError } from '@rios/sdk/errors/error';
import { type Log, silentLog } from '@rios/sdk/log';
import type { Heartbeat, Hello } from '@rios/sdk/schema/worker';
import { VERSION } from '@rios/sdk/version';
import { createLink } from '@rios/sdk/wire/connect';
import type { Link } from '@rios/sdk/wire/link';
import { createMemoryPair } from '@rios/sdk/wire/memory-pair';
import { CONTROL, Method } from '@rios/sdk/wire/methods';
import { payload } from '@rios/sdk/wire/payload';
import { createMembership, type Membership } from '../../src/p2p/membership.ts';
import type { Perform } from '../../src/p2p/move-orphans.ts';
import { createStorePoll } from '../../src/p2p/store-poll.ts';
import { createWorkerRegistry, type WorkerRegistry } from '../../src/p2p/worker-registry.ts';
import { createWorkers } from '../../src/services/workers.ts';
import type { Workers } from '../../src/services/workers-port.ts';
import { upsertMember } from '../../src/store/members.ts';
import { registerOrchestrator } from '../../src/store/orchestrators.ts';
import type { Store } from '../../src/store/store.ts';
import { buildOffer } from '../loop/builders.ts';
import { createManualClock, type ManualClock } from './manual-clock.ts';
import { peerIdOf } from './seed-store.ts';

/** What one of several orchestrators on a store knows of workers and members; time stands until it is told to go. */
export interface FleetOrchestrator {
  readonly self: string;
  readonly clock: ManualClock;
  readonly registry: WorkerRegistry;
  readonly membership: Membership;
  readonly workers: Workers;
  /** Peers whose connections it closed. */
  readonly disconnected: string[];
  /** Errors that it logged. */
  readonly errors: string[];
  /** What a dial of a worker fails with. */
  dialError: RiosError | undefined;
  /** Reads the store for what the others wrote. */
  read(): Promise<void>;
  /** Enters it, or makes its entry end after `ttlMs`. */
  enter(ttlMs?: number): Promise<void>;
  /** A worker's new control link to it. */
  connect(workerId: string): WorkerLink;
}

/** The orchestrator's end of a control link, and what the worker does on its own. */
export interface WorkerLink {
  readonly link: Link;
  /** How often the worker was told to drain. */
  readonly drains: number;
  hello(given?: Partial<Hello>): Promise<void>;
  beat(given?: Partial<Heartbeat>): Promise<number>;
}

export function createFleetOrchestrator(store: Store, index: number, inviteId: string): FleetOrchestrator {
  const self = peerIdOf(index);
  const clock = createManualClock();
  const disconnected: string[] = [];
  const errors: string[] = [];
  const log: Log = { ...silentLog, error: (message) => errors.push(message) };
  const disconnect = async (peerId: string) => {
    disconnected.push(peerId);
  };
  const registry = createWorkerRegistry({
    store,
    clock,
    log,
    self,
    onChange: () => {},
    prove: async () => {
      if (orchestrator.dialError !== undefined) throw orchestrator.dialError;
    },
  });
  const membership = createMembership({
    store,
    isOrchestrator: () => false,
    redeem: ({ peerId }) => upsertMember(store, { peerId, inviteId, joinedAt: 1 }),
  });
  const poll = createStorePoll({ shared: true, clock, log: silentLog, registry, membership, disconnect });
  const orchestrator: FleetOrchestrator = {
    self,
    clock,
    registry,
    membership,
    disconnected,
    errors,
    workers: createWorkers({ store, clock, registry, membership, stakeOf: () => undefined, disconnect }),
    dialError: undefined,
    read: poll.read,
    enter: async (ttlMs = 60_000) => {
      await registerOrchestrator(
        store,
        { peerId: self, addresses: [], apiUrl: null, version: VERSION },
        ttlMs,
      );
    },
    connect: (workerId) => connect(registry, self, workerId),
  };
  return orchestrator;
}

function connect(registry: WorkerRegistry, self: string, workerId: string): WorkerLink {
  const [near, far] = createMemoryPair();
  let drains = 0;
  let sequence = 0;
  const link = createLink(near, { protocol: CONTROL, peerId: workerId, dialler: false, handlers: {} });
  const onDrain = async () => {
    drains++;
    return payload();
  };
  createLink(far, { protocol: CONTROL, peerId: self, dialler: true, handlers: { [Method.drain]: onDrain } });
  return {
    link,
    get drains() {
      return drains;
    },
    hello: (given = {}) =>
      registry.hello(link, {
        version: VERSION,
        offer: buildOffer('worker'),
        addresses: [`/ip4/127.0.0.1/tcp/1/p2p/${workerId}`],
        walletBinding: null,
        ...given,
      }),
    beat: (given = {}) =>
      registry.beat(link, {
        sequence: sequence++,
        generation: 7,
        parts: [{ modelHash: 'a'.repeat(64), partId: 'trunk.000', state: 'ready' }],
        sessions: 3,
        freeMemoryBytes: 5,
        loopDelayP99Ms: 1,
        rttMs: {},
        draining: false,
        ...given,
      }),
  };
}

/** As of an orchestrator that plans, or believes so. */
export const performIn =
  (store: Store): Perform =>
  (work) =>
    store.transaction().execute((tx) => work(tx));
