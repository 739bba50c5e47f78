import { RiosError } from '@rios/sdk/errors/error';
import type { Heartbeat, Hello } from '@rios/sdk/schema/worker';
import type { Link } from '@rios/sdk/wire/link';
import { awaitReturn, loadWorkers, tendWorkers } from './await-return.ts';
import { createBackground } from './background.ts';
import { createDrainNotice } from './drain-notice.ts';
import { askToDrain, drainWorker, obeyWish } from './drain-worker.ts';
import {
  afterHeartbeat,
  checkAddresses,
  containersDiffer,
  differs,
  type LiveWorker,
  workerOfHello,
} from './live-worker.ts';
import type { Perform } from './move-orphans.ts';
import {
  dialOf,
  LEASE_TTL_MS,
  leaseOf,
  loseWorker,
  type RegistryModules,
  type RegistryState,
  renewLease,
} from './registry-state.ts';
import { createWorkerRecords } from './worker-records.ts';

/** Workers report this often. */
export const HEARTBEAT_MS = 1_000;
/** Longest time that a dial-back may take. */
const DIAL_BACK_MS = 5_000;
/** An unreachable worker that stays connected is dialled again this often. */
const DIAL_AGAIN_MS = 15_000;
/** Longest wait for a sign of life of a worker that may be gone. */
const SUSPECT_MS = 1_000;

/** What everybody may know of the workers of the network, wherever their links are. */
export interface Fleet {
  list(): readonly LiveWorker[];
  get(peerId: string): LiveWorker | undefined;
  /** Reads what other orchestrators wrote of their workers; without them there is nothing to read. */
  refresh(): Promise<void>;
}

/**
 * Every worker of the network. Those with a control link here are live: leases, dial-back proofs, newest reports.
 * The others are as the store last showed them.
 */
export interface WorkerRegistry extends Fleet {
  /** Those with a control link here. */
  listOwn(): readonly LiveWorker[];
  /** At start: workers that were connected here are awaited for one lease, then lost. */
  load(): Promise<void>;
  /**
   * A worker said hello on `link`: this orchestrator is its home now, and it is listed once its address was dialled
   * back, unless it was listed by another. Throws PEER_PROTOCOL, AUTH_PEER_UNKNOWN.
   */
  hello(link: Link, hello: Hello): Promise<void>;
  /** Renews the lease. Returns how long it lasts, ms. Throws PEER_PROTOCOL without a hello before. */
  beat(link: Link, heartbeat: Heartbeat): Promise<number>;
  /** It leaves: it gets no new work from now on. For workers with a link here. */
  drain(peerId: string, reason: string): Promise<void>;
  /** An operator wants it to leave. One with its link elsewhere drains as soon as that orchestrator reads of it. */
  askToDrain(peerId: string): Promise<void>;
  /** It is gone: whatever it held is elsewhere from now on. */
  lose(peerId: string, reason: string): Promise<void>;
  /** Asks it for a sign of life, for 1 s at most; without one it is lost. */
  suspect(peerId: string, reason: string): Promise<void>;
  /** It was removed from the network, and its record from the store. */
  forget(peerId: string): Promise<void>;
  /**
   * For the orchestrator that plans, each second: takes out orchestrators that are gone, and awaits their workers
   * for one lease, then loses them.
   */
  tend(perform: Perform): Promise<void>;
  stop(): Promise<void>;
}

export function createWorkerRegistry(modules: RegistryModules): WorkerRegistry {
  const background = createBackground(modules);
  const records = createWorkerRecords(modules, {
    onTaken: (worker) => letGo(state, worker),
    onDrainWish: ({ peerId }) => background.run(() => obeyWish(state, peerId)),
    onStray: (worker) => awaitReturn(state, worker),
  });
  const state: RegistryState = { modules, records, background, notice: createDrainNotice(modules.log) };
  return {
    load: () => loadWorkers(state),
    list: records.list,
    get: records.get,
    listOwn: () => records.list().filter(records.isOwn),
    refresh: records.refresh,
    hello: (link, hello) => welcome(state, link, hello),
    beat: (link, heartbeat) => beat(state, link, heartbeat),
    drain: (peerId, reason) => drainWorker(state, peerId, reason),
    askToDrain: (peerId) => askToDrain(state, peerId),
    lose: (peerId, reason) => loseWorker(state, peerId, reason),
    suspect: (peerId, reason) => suspect(state, peerId, reason),
    forget: (peerId) => forget(state, peerId),
    tend: (perform) => tendWorkers(state, perform),
    stop: () => background.stop(),
  };
}

/** Whether this is still the link that the worker speaks on. */
const isCurrent = ({ records }: RegistryState, link: Link): boolean =>
  records.get(link.peerId)?.link === link;

/** The worker has another home: nothing is done for it here any more. */
function letGo({ background }: RegistryState, { peerId, link }: LiveWorker): void {
  background.cancel(leaseOf(peerId));
  background.cancel(dialOf(peerId));
  const reason = new RiosError('PEER_LOST', 'the worker is not with this orchestrator any more');
  background.run(async () => link?.close(reason));
}

async function welcome(state: RegistryState, link: Link, hello: Hello): Promise<void> {
  const { modules, records, background } = state;
  const { peerId } = link;
  checkAddresses(peerId, hello.addresses);
  const before = await records.claim(workerOfHello(link, hello, modules.clock.now()));
  renewLease(state, peerId);
  if (before?.link !== link) {
    await before?.link?.close(new RiosError('PEER_LOST', 'the worker opened another control link'));
  }
  void link.whenClosed.then((error) => {
    if (isCurrent(state, link)) background.run(() => loseWorker(state, peerId, error.message));
  });
  background.run(() => dialBack(state, link));
}

/** Lists a worker once its own address led to it; tries again while it cannot be reached. */
async function dialBack(state: RegistryState, link: Link): Promise<void> {
  const { modules, records, background } = state;
  const { peerId } = link;
  const addresses = [...(records.get(peerId)?.addresses ?? [])];
  const failure = await modules.prove({ peerId, addresses }, DIAL_BACK_MS).then(
    () => undefined,
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
  if (background.stopped || !isCurrent(state, link)) return;
  const now = records.get(peerId)?.state;
  if (failure === undefined) {
    if (now !== 'joining' && now !== 'unreachable') return;
    const reason = 'its address was dialled';
    return records.change(peerId, { state: 'listed', reason, kind: 'worker.joined' });
  }
  background.later(dialOf(peerId), DIAL_AGAIN_MS, () => dialBack(state, link));
  if (now === 'unreachable') return;
  const reason = `it cannot be dialled: ${failure}`.slice(0, 500);
  await records.change(peerId, { state: 'unreachable', reason, kind: 'worker.unreachable' });
}

async function beat(state: RegistryState, link: Link, heartbeat: Heartbeat): Promise<number> {
  const { modules, records, notice } = state;
  const before = records.get(link.peerId);
  if (before === undefined || before.link !== link) {
    throw new RiosError('PEER_PROTOCOL', 'a heartbeat came before the hello');
  }
  renewLease(state, link.peerId);
  const after = afterHeartbeat(before, heartbeat, modules.clock.now());
  const changed = differs(before, after);
  const moved = containersDiffer(before, after);
  await records.observe(after, changed || moved);
  if (heartbeat.draining) await drainWorker(state, link.peerId, 'the worker is leaving');
  else if (before.state === 'draining') notice.tell(before);
  if (changed) modules.onChange(`parts of ${after.offer.name}`);
  if (moved) modules.onContainers?.(`containers of ${after.offer.name}`);
  return LEASE_TTL_MS;
}

async function suspect(state: RegistryState, peerId: string, reason: string): Promise<void> {
  const { modules, records } = state;
  const worker = records.get(peerId);
  if (worker === undefined || worker.state === 'lost') return;
  const { link, addresses } = worker;
  const sign = records.isOwn(worker)
    ? link?.ping(SUSPECT_MS)
    : modules.prove({ peerId, addresses: [...addresses] }, SUSPECT_MS);
  const alive = await sign?.then(
    () => true,
    () => false,
  );
  if (alive !== true) await loseWorker(state, peerId, reason);
}

async function forget(state: RegistryState, peerId: string): Promise<void> {
  const { modules, records, background } = state;
  const worker = records.get(peerId);
  if (worker === undefined) return;
  background.cancel(leaseOf(peerId));
  background.cancel(dialOf(peerId));
  records.drop(worker);
  await worker.link?.close(new RiosError('AUTH_PEER_UNKNOWN', 'the worker was removed from the network'));
  modules.onChange(`removed ${worker.offer.name}`);
}
