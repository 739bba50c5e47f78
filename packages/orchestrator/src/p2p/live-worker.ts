import { RiosError } from '@rios/sdk/errors/error';
import type { ObservedReplica } from '@rios/sdk/schema/container';
import type { Heartbeat, Hello, ObservedPart } from '@rios/sdk/schema/worker';
import type { Link } from '@rios/sdk/wire/link';
import type { WorkerRecord } from '../store/workers.ts';

/** A worker as the registry keeps it: its newest observation, and its control link. */
export interface LiveWorker extends WorkerRecord {
  /** Null while it has none, or has it with another orchestrator. */
  readonly link: Link | null;
}

/** What a worker is while nobody has its link. */
export const AWAY = {
  link: null,
  parts: [],
  rttMs: {},
  sessions: 0,
  generation: 0,
  containers: null,
} as const;

/** A worker as a claim finds it in the store. */
export type FoundWorker = Pick<
  WorkerRecord,
  'state' | 'reason' | 'parts' | 'rttMs' | 'sessions' | 'generation' | 'containers' | 'home'
>;

/** What a hello makes of a worker, but for whose it is. */
export type Greeting = Omit<LiveWorker, 'home' | 'homeToken'>;

/** The worker that a hello makes: nothing is known of its parts until its first heartbeat. */
export function workerOfHello(link: Link, hello: Hello, now: number): Greeting {
  return {
    peerId: link.peerId,
    state: 'joining',
    reason: 'its address is being checked',
    version: hello.version,
    offer: hello.offer,
    addresses: hello.addresses,
    parts: [],
    rttMs: {},
    freeMemoryBytes: hello.offer.memoryBytes,
    loopDelayP99Ms: 0,
    helloAt: now,
    lastSeenAt: now,
    sessions: 0,
    generation: 0,
    containers: null,
    link,
  };
}

/** A worker that comes over from another orchestrator is what it was there: for the network nothing has changed. */
export function keepStanding(greeting: Greeting, found: FoundWorker | undefined, self: string): Greeting {
  if (found === undefined || found.home === null || found.home === self) return greeting;
  if (found.state !== 'listed' && found.state !== 'draining') return greeting;
  const { state, reason, parts, rttMs, sessions, generation, containers } = found;
  return { ...greeting, state, reason, parts, rttMs, sessions, generation, containers };
}

/** The worker as it stands after a heartbeat. */
export function afterHeartbeat(worker: LiveWorker, beat: Heartbeat, now: number): LiveWorker {
  return {
    ...worker,
    parts: beat.parts,
    rttMs: beat.rttMs,
    freeMemoryBytes: beat.freeMemoryBytes,
    loopDelayP99Ms: beat.loopDelayP99Ms,
    sessions: beat.sessions,
    generation: beat.generation,
    containers: beat.containers ?? null,
    lastSeenAt: now,
  };
}

/** True when a report says something of parts that a plan could depend on. Progress of a download is not. */
export function differs(before: LiveWorker, after: LiveWorker): boolean {
  if (before.generation !== after.generation || before.parts.length !== after.parts.length) return true;
  const states = new Map(before.parts.map((part) => [keyOf(part), part.state]));
  return after.parts.some((part) => states.get(keyOf(part)) !== part.state);
}

/** The same of containers. What they use of processor and memory is not. */
export function containersDiffer(
  { containers: before }: LiveWorker,
  { containers: after }: LiveWorker,
): boolean {
  if (before?.generation !== after?.generation || before?.replicas.length !== after?.replicas.length)
    return true;
  const states = new Map(before?.replicas.map((replica) => [replica.id, stateOf(replica)]));
  return after?.replicas.some((replica) => states.get(replica.id) !== stateOf(replica)) === true;
}

const stateOf = ({ attempt, state }: ObservedReplica): string => `${attempt} ${state}`;

const keyOf = (part: ObservedPart): string => `${part.modelHash} ${part.partId}`;

/** Every address must lead to the peer that names it. Throws PEER_PROTOCOL. */
export function checkAddresses(peerId: string, addresses: readonly string[]): void {
  const foreign = addresses.find((address) => !address.endsWith(`/p2p/${peerId}`));
  if (foreign === undefined) return;
  throw new RiosError('PEER_PROTOCOL', 'an address in the hello does not end in the peer id of its sender', {
    details: { address: foreign },
  });
}
