import type { Clock } from '@rios/sdk/clock';
import { RiosError } from '@rios/sdk/errors/error';
import type { Log } from '@rios/sdk/log';
import type { Heartbeat, Hello, PeerAddress } from '@rios/sdk/schema/worker';
import type { Link } from '@rios/sdk/wire/link';
import type { WorkerState } from '../store/database.ts';
import { addEvent } from '../store/events.ts';
import type { Store } from '../store/store.ts';
import { deleteWorker, listWorkers, putWorker } from '../store/workers.ts';
import {
  afterHeartbeat,
  checkAddresses,
  differs,
  type LiveWorker,
  toRecord,
  workerOfHello,
} from './live-worker.ts';

/** A lease ends this long after the last heartbeat. */
export const LEASE_TTL_MS = 6_000;
/** Workers report this often. */
export const HEARTBEAT_MS = 1_000;
/** Longest time that a dial-back may take. */
const DIAL_BACK_MS = 5_000;
/** An unreachable worker that stays connected is dialled again this often. */
const DIAL_AGAIN_MS = 15_000;
/** The store gets an unchanged worker's report at most this often. */
const SAVE_MS = 5_000;

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

export interface RegistryModules {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  /** Dials the worker on a fresh connection. Throws PEER_UNREACHABLE. */
  readonly prove: (to: PeerAddress, timeoutMs: number) => Promise<void>;
  /** Something changed that a plan may depend on. */
  readonly onChange: (reason: string) => void;
}

export function createWorkerRegistry(modules: RegistryModules): WorkerRegistry {
  const { store, clock, log, onChange } = modules;
  const workers = new Map<string, LiveWorker>();
  const timers = new Map<string, () => void>();
  const savedAt = new Map<string, number>();
  const pending = new Set<Promise<void>>();
  let stopped = false;

  const save = async (worker: LiveWorker) => {
    workers.set(worker.peerId, worker);
    savedAt.set(worker.peerId, clock.now());
    await putWorker(store, toRecord(worker));
  };
  const later = (key: string, delayMs: number, act: () => Promise<void>) => {
    timers.get(key)?.();
    timers.set(
      key,
      clock.after(delayMs, () => inBackground(act)),
    );
  };
  const inBackground = (act: () => Promise<void>) => {
    const work = act()
      .catch((error: unknown) => log.error('worker registry failed', { error: String(error) }))
      .finally(() => pending.delete(work));
    pending.add(work);
  };
  const cancel = (peerId: string) => {
    for (const key of [`lease ${peerId}`, `dial ${peerId}`]) {
      timers.get(key)?.();
      timers.delete(key);
    }
  };

  /** Moves the worker, as it is now, into a state; the store and the log learn why. */
  const change = async (peerId: string, state: WorkerState, reason: string, kind: string, also = {}) => {
    const worker = workers.get(peerId);
    if (worker === undefined) return;
    await save({ ...worker, ...also, state, reason });
    const { name } = worker.offer;
    await addEvent(store, { at: clock.now(), kind, subject: peerId, message: `${name}: ${reason}` });
    log.info(kind, { peerId, name, reason });
    onChange(`${kind} ${name}`);
  };

  const lose = async (peerId: string, reason: string) => {
    const worker = workers.get(peerId);
    if (stopped || worker === undefined || worker.state === 'lost') return;
    cancel(peerId);
    const [why, kind] =
      worker.state === 'draining' ? ['left after draining', 'worker.left'] : [reason, 'worker.lost'];
    await change(peerId, 'lost', why, kind, { link: null, parts: [], rttMs: {}, sessions: 0, generation: 0 });
    await worker.link?.close(new RiosError('PEER_LOST', reason));
  };
  const drain = async (peerId: string, reason: string) => {
    const state = workers.get(peerId)?.state;
    if (state === undefined || state === 'draining' || state === 'lost') return;
    await change(peerId, 'draining', reason, 'worker.draining');
  };
  const lease = (peerId: string) =>
    later(`lease ${peerId}`, LEASE_TTL_MS, () => lose(peerId, `no heartbeat for ${LEASE_TTL_MS} ms`));

  /** Whether this is still the link that the worker speaks on. */
  const isCurrent = (link: Link) => workers.get(link.peerId)?.link === link;

  const dialBack = async (link: Link) => {
    const worker = workers.get(link.peerId);
    if (worker === undefined || !isCurrent(link)) return;
    const { peerId, addresses } = worker;
    const failure = await modules.prove({ peerId, addresses: [...addresses] }, DIAL_BACK_MS).then(
      () => undefined,
      (error: unknown) => (error instanceof Error ? error.message : String(error)),
    );
    const now = workers.get(peerId);
    if (stopped || now === undefined || !isCurrent(link)) return;
    if (failure === undefined) {
      if (now.state === 'joining' || now.state === 'unreachable') {
        await change(peerId, 'listed', 'its address was dialled', 'worker.joined');
      }
      return;
    }
    if (now.state !== 'unreachable') {
      const reason = `it cannot be dialled: ${failure}`.slice(0, 500);
      await change(peerId, 'unreachable', reason, 'worker.unreachable');
    }
    later(`dial ${peerId}`, DIAL_AGAIN_MS, () => dialBack(link));
  };

  return {
    load: async () => {
      for (const record of await listWorkers(store)) {
        const away = { ...record, parts: [], rttMs: {}, sessions: 0, generation: 0, link: null };
        workers.set(record.peerId, away);
        if (record.state === 'lost') continue;
        await save({ ...away, state: 'joining', reason: 'the orchestrator was started again' });
        lease(record.peerId);
      }
    },
    list: () => [...workers.values()],
    get: (peerId) => workers.get(peerId),
    hello: async (link, hello) => {
      const { peerId } = link;
      checkAddresses(peerId, hello.addresses);
      const before = workers.get(peerId);
      const worker = workerOfHello(peerId, hello, link, clock.now());
      lease(peerId);
      await save(worker);
      if (before?.link !== null && before?.link !== link) {
        await before?.link.close(new RiosError('PEER_LOST', 'the worker opened another control link'));
      }
      void link.whenClosed.then((error) => {
        if (isCurrent(link)) inBackground(() => lose(peerId, error.message));
      });
      inBackground(() => dialBack(link));
    },
    beat: async (link, heartbeat) => {
      const before = workers.get(link.peerId);
      if (before === undefined || before.link !== link) {
        throw new RiosError('PEER_PROTOCOL', 'a heartbeat came before the hello');
      }
      lease(link.peerId);
      const after = afterHeartbeat(before, heartbeat, clock.now());
      workers.set(link.peerId, after);
      const changed = differs(before, after);
      if (changed || clock.now() - (savedAt.get(link.peerId) ?? 0) >= SAVE_MS) await save(after);
      if (heartbeat.draining) await drain(link.peerId, 'the worker is leaving');
      if (changed) onChange(`parts of ${after.offer.name}`);
      return LEASE_TTL_MS;
    },
    drain,
    lose,
    forget: async (peerId) => {
      const worker = workers.get(peerId);
      cancel(peerId);
      workers.delete(peerId);
      await deleteWorker(store, peerId);
      await worker?.link?.close(
        new RiosError('AUTH_PEER_UNKNOWN', 'the worker was removed from the network'),
      );
      onChange(`removed ${worker?.offer.name ?? peerId}`);
    },
    stop: async () => {
      stopped = true;
      for (const stop of timers.values()) stop();
      timers.clear();
      await Promise.all(pending);
    },
  };
}
