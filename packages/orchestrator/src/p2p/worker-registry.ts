import { RiosError } from '@rios/sdk/errors/error';
import type { Heartbeat, Hello, PeerAddress } from '@rios/sdk/schema/worker';
import type { Link } from '@rios/sdk/wire/link';
import { type Background, createBackground } from './background.ts';
import { afterHeartbeat, checkAddresses, differs, type LiveWorker, workerOfHello } from './live-worker.ts';
import { AWAY, createWorkerRecords, type RecordModules, type WorkerRecords } from './worker-records.ts';

/** A lease ends this long after the last heartbeat. */
export const LEASE_TTL_MS = 6_000;
/** Workers report this often. */
export const HEARTBEAT_MS = 1_000;
/** Longest time that a dial-back may take. */
const DIAL_BACK_MS = 5_000;
/** An unreachable worker that stays connected is dialled again this often. */
const DIAL_AGAIN_MS = 15_000;
/** Every worker, live: leases, dial-back proofs, newest reports. */
export interface WorkerRegistry {
  /** At start: workers that were connected are awaited for one lease, then lost. */
  load(): Promise<void>;
  list(): readonly LiveWorker[];
  get(peerId: string): LiveWorker | undefined;
  /** A worker said hello on `link`: it is listed once its address was dialled back. Throws PEER_PROTOCOL. */
  hello(link: Link, hello: Hello): Promise<void>;
  /** Renews the lease. Returns how long it lasts, ms. Throws PEER_PROTOCOL without a hello before. */
  beat(link: Link, heartbeat: Heartbeat): Promise<number>;
  /** Gives it no new work from now on. */
  drain(peerId: string, reason: string): Promise<void>;
  /** It is gone: whatever it held is elsewhere from now on. */
  lose(peerId: string, reason: string): Promise<void>;
  /** Removes it and its record. */
  forget(peerId: string): Promise<void>;
  stop(): Promise<void>;
}

export interface RegistryModules extends RecordModules {
  /** Dials the worker on a fresh connection. Throws PEER_UNREACHABLE. */
  readonly prove: (to: PeerAddress, timeoutMs: number) => Promise<void>;
}

interface RegistryState {
  readonly modules: RegistryModules;
  readonly records: WorkerRecords;
  readonly background: Background;
}

export function createWorkerRegistry(modules: RegistryModules): WorkerRegistry {
  const records = createWorkerRecords(modules);
  const background = createBackground(modules);
  const state: RegistryState = { modules, records, background };
  return {
    load: async () => {
      for (const { peerId, state: before } of await records.load()) {
        if (before !== 'lost') await awaitReturn(state, peerId);
      }
    },
    list: records.list,
    get: records.get,
    hello: (link, hello) => welcome(state, link, hello),
    beat: (link, heartbeat) => beat(state, link, heartbeat),
    drain: (peerId, reason) => drain(state, peerId, reason),
    lose: (peerId, reason) => lose(state, peerId, reason),
    forget: (peerId) => forget(state, peerId),
    stop: () => background.stop(),
  };
}

const leaseOf = (peerId: string) => `lease ${peerId}`;
const dialOf = (peerId: string) => `dial ${peerId}`;

function renewLease(state: RegistryState, peerId: string): void {
  const expire = () => lose(state, peerId, `no heartbeat for ${LEASE_TTL_MS} ms`);
  state.background.later(leaseOf(peerId), LEASE_TTL_MS, expire);
}

/** Whether this is still the link that the worker speaks on. */
const isCurrent = ({ records }: RegistryState, link: Link): boolean =>
  records.get(link.peerId)?.link === link;

/** A worker that was connected when the orchestrator stopped. */
async function awaitReturn(state: RegistryState, peerId: string): Promise<void> {
  const reason = 'the orchestrator was started again';
  renewLease(state, peerId);
  await state.records.change(peerId, { state: 'joining', reason, kind: 'worker.awaited' });
}

async function welcome(state: RegistryState, link: Link, hello: Hello): Promise<void> {
  const { modules, records, background } = state;
  const { peerId } = link;
  checkAddresses(peerId, hello.addresses);
  const before = records.get(peerId);
  renewLease(state, peerId);
  await records.observe(workerOfHello(peerId, hello, link, modules.clock.now()), true);
  if (before?.link !== link) {
    await before?.link?.close(new RiosError('PEER_LOST', 'the worker opened another control link'));
  }
  void link.whenClosed.then((error) => {
    if (isCurrent(state, link)) background.run(() => lose(state, peerId, error.message));
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
  const { modules, records } = state;
  const before = records.get(link.peerId);
  if (before === undefined || before.link !== link) {
    throw new RiosError('PEER_PROTOCOL', 'a heartbeat came before the hello');
  }
  renewLease(state, link.peerId);
  const after = afterHeartbeat(before, heartbeat, modules.clock.now());
  const changed = differs(before, after);
  await records.observe(after, changed);
  if (heartbeat.draining) await drain(state, link.peerId, 'the worker is leaving');
  if (changed) modules.onChange(`parts of ${after.offer.name}`);
  return LEASE_TTL_MS;
}

async function drain({ records }: RegistryState, peerId: string, reason: string): Promise<void> {
  const state = records.get(peerId)?.state;
  if (state === undefined || state === 'draining' || state === 'lost') return;
  await records.change(peerId, { state: 'draining', reason, kind: 'worker.draining' });
}

async function lose({ records, background }: RegistryState, peerId: string, reason: string): Promise<void> {
  const worker = records.get(peerId);
  if (background.stopped || worker === undefined || worker.state === 'lost') return;
  background.cancel(leaseOf(peerId));
  background.cancel(dialOf(peerId));
  const end =
    worker.state === 'draining'
      ? { reason: 'left after draining', kind: 'worker.left' }
      : { reason, kind: 'worker.lost' };
  await records.change(peerId, { ...end, state: 'lost', also: AWAY });
  await worker.link?.close(new RiosError('PEER_LOST', reason));
}

async function forget({ records, background }: RegistryState, peerId: string): Promise<void> {
  const link = records.get(peerId)?.link;
  background.cancel(leaseOf(peerId));
  background.cancel(dialOf(peerId));
  await records.remove(peerId);
  await link?.close(new RiosError('AUTH_PEER_UNKNOWN', 'the worker was removed from the network'));
}
