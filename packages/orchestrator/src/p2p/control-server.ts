import type { Clock } from '@rios/sdk/clock';
import { RiosError } from '@rios/sdk/errors/error';
import { containerReceiptsSchema } from '@rios/sdk/schema/container';
import type { Signed } from '@rios/sdk/schema/trust';
import { heartbeatSchema, helloSchema, type PeerAddress } from '@rios/sdk/schema/worker';
import { VERSION } from '@rios/sdk/version';
import type { Handlers } from '@rios/sdk/wire/link';
import { decodeMeta } from '@rios/sdk/wire/meta';
import { Method } from '@rios/sdk/wire/methods';
import { payload } from '@rios/sdk/wire/payload';
import { createPacer } from './pacer.ts';
import { LEASE_TTL_MS } from './registry-state.ts';
import { HEARTBEAT_MS, type WorkerRegistry } from './worker-registry.ts';

/** A hello makes this orchestrator dial: a worker that is started again and again says it this often at most. */
const HELLO_PACE = { burst: 10, intervalMs: 1_000, maxWaiting: 2 };
/** A worker reports at each change of a part, one report after the other. */
const HEARTBEAT_PACE = { burst: 50, intervalMs: 50, maxWaiting: 2 };

/** A worker hands receipts in every few seconds, and at the end of each container. */
const RECEIPTS_PACE = { burst: 20, intervalMs: 500, maxWaiting: 2 };

export interface ControlModules {
  readonly registry: WorkerRegistry;
  readonly isMember: (peerId: string) => boolean;
  /** Those that live and where they are, this one included. */
  readonly orchestrators: () => PeerAddress[];
  readonly certificate: () => Signed;
  /** The newest generation that was assigned to a worker. */
  readonly generationOf: (peerId: string) => number;
  /** Resolves once a draining worker's parts are elsewhere, or when there is no hope of that. */
  readonly whenDrained: (peerId: string, signal: AbortSignal) => Promise<void>;
  /** What the worker says of its wallet; its hello does not wait for what becomes of that. */
  readonly onBinding: (peerId: string, statement: Signed | null) => void;
  /** What it signed for its containers' time. */
  readonly onContainerReceipts: (peerId: string, receipts: readonly Signed[]) => Promise<void>;
  readonly clock: Clock;
}

/** Handlers of /rios/ctl/1: what workers ask of the orchestrator. */
export function createControlHandlers(modules: ControlModules): Handlers {
  const { registry, clock } = modules;
  const hellos = createPacer(HELLO_PACE, clock);
  const heartbeats = createPacer(HEARTBEAT_PACE, clock);
  const receipts = createPacer(RECEIPTS_PACE, clock);
  return {
    [Method.hello]: async (incoming, link) => {
      await hellos.turn(link.peerId);
      checkMember(modules, link.peerId);
      const hello = decodeMeta(helloSchema, incoming.meta);
      checkVersion(hello.version);
      await registry.hello(link, hello);
      modules.onBinding(link.peerId, hello.walletBinding);
      const certificate = modules.certificate();
      const times = { leaseTtlMs: LEASE_TTL_MS, heartbeatMs: HEARTBEAT_MS };
      return payload({ certificate, ...times, orchestrators: modules.orchestrators() });
    },
    [Method.heartbeat]: async (incoming, link) => {
      await heartbeats.turn(link.peerId);
      checkMember(modules, link.peerId);
      const heartbeat = decodeMeta(heartbeatSchema, incoming.meta);
      const leaseExpiresInMs = await registry.beat(link, heartbeat);
      const generation = modules.generationOf(link.peerId);
      return payload({ leaseExpiresInMs, generation, orchestrators: modules.orchestrators() });
    },
    [Method.containerReceipts]: async (incoming, link) => {
      await receipts.turn(link.peerId);
      checkMember(modules, link.peerId);
      const given = decodeMeta(containerReceiptsSchema, incoming.meta);
      await modules.onContainerReceipts(link.peerId, given.receipts);
      return payload();
    },
    [Method.drain]: async (incoming, link) => {
      checkMember(modules, link.peerId);
      await registry.drain(link.peerId, 'the worker is leaving');
      await modules.whenDrained(link.peerId, incoming.signal);
      return payload();
    },
  };
}

function checkMember({ isMember }: ControlModules, peerId: string): void {
  if (isMember(peerId)) return;
  throw new RiosError('AUTH_PEER_UNKNOWN', 'this peer is not a member of the network');
}

/** Both must speak the same minor version: before 1.0 each may change the protocols. */
function checkVersion(version: string): void {
  const [major, minor] = VERSION.split('.');
  if (version.startsWith(`${major}.${minor}.`)) return;
  throw new RiosError('PEER_PROTOCOL', `the worker is version ${version}; the orchestrator is ${VERSION}`, {
    hint: `Install version ${VERSION} of RiOS on the worker.`,
    details: { worker: version, orchestrator: VERSION },
  });
}
