import type { Clock } from '@rios/sdk/clock';
import type { Log } from '@rios/sdk/log';
import { createKeyLock, type KeyLock } from '../services/key-lock.ts';
import type { WorkerState } from '../store/database.ts';
import { addEvent } from '../store/events.ts';
import type { Store } from '../store/store.ts';
import {
  getWorker,
  getWorkers,
  listWorkers,
  listWorkerUpdates,
  releaseWorker,
  writeWorker,
} from '../store/workers.ts';
import { claimForHello } from './claim-worker.ts';
import { AWAY, type Greeting, type LiveWorker } from './live-worker.ts';
import { createWorkerMirror, type MirrorEvents, type WorkerMirror } from './worker-mirror.ts';

/** The store gets an unchanged worker's report at most this often. */
const SAVE_MS = 5_000;

/**
 * The workers of the network in memory and in the store. A write for a worker that another orchestrator has taken
 * meanwhile is refused by the store: it changes nothing, makes no event, and the worker is not ours any more.
 */
export interface WorkerRecords extends Pick<WorkerMirror, 'list' | 'get' | 'isOwn'> {
  /** Reads the store; nobody has a link yet. */
  load(): Promise<void>;
  /** Reads what the other orchestrators wrote since the last time. */
  refresh(): Promise<void>;
  /**
   * Makes this orchestrator the worker's home. Returns what the worker was to it until then.
   * Throws AUTH_PEER_UNKNOWN when it is no member any more.
   */
  claim(greeting: Greeting): Promise<LiveWorker | undefined>;
  /** Takes a new observation of an own worker; writes it when it matters or the last one is old. */
  observe(worker: LiveWorker, matters: boolean): Promise<void>;
  /** Moves an own worker, as it is now, into a state, with an event of `kind` that says why. */
  change(peerId: string, to: StateChange): Promise<void>;
  /** The same for any worker, which has neither home nor link from then on. */
  release(worker: LiveWorker, to: StateChange): Promise<void>;
  /** Takes a worker out of memory that was taken out of the store. */
  drop(worker: LiveWorker): void;
}

export interface StateChange {
  readonly state: WorkerState;
  readonly reason: string;
  readonly kind: string;
}

export interface RecordModules {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  /** Peer id of this orchestrator. */
  readonly self: string;
  /** Something changed that a plan may depend on. */
  readonly onChange: (reason: string) => void;
}

interface RecordState {
  readonly modules: RecordModules;
  readonly events: MirrorEvents;
  readonly mirror: WorkerMirror;
  /** When each own worker was last written, by our clock. */
  readonly savedAt: Map<string, number>;
  /** Writes of one worker go one after another, in the order in which memory changed. */
  readonly lock: KeyLock;
  readonly claiming: Set<string>;
}

export function createWorkerRecords(modules: RecordModules, events: MirrorEvents): WorkerRecords {
  const claiming = new Set<string>();
  const mirror = createWorkerMirror(modules.self, {
    ...events,
    onStray: (worker) => {
      if (!claiming.has(worker.peerId)) events.onStray(worker);
    },
  });
  const state = { modules, events, mirror, savedAt: new Map(), lock: createKeyLock(), claiming };
  return {
    list: mirror.list,
    get: mirror.get,
    isOwn: mirror.isOwn,
    load: async () => {
      for (const row of await listWorkers(modules.store)) mirror.take(row);
    },
    refresh: () => refresh(state),
    claim: (greeting) => state.lock(greeting.peerId, () => claim(state, greeting)),
    observe: async (worker, matters) => {
      mirror.set(worker);
      const age = modules.clock.now() - (state.savedAt.get(worker.peerId) ?? 0);
      if (matters || age >= SAVE_MS) await save(state, worker);
    },
    change: async (peerId, to) => {
      const worker = mirror.get(peerId);
      if (worker === undefined) return;
      const next = { ...worker, state: to.state, reason: to.reason };
      mirror.set(next);
      if (await save(state, next, to)) tell(state, next, to);
    },
    release: (worker, to) => release(state, worker, to),
    drop: mirror.drop,
  };
}

async function refresh({ modules, mirror }: RecordState): Promise<void> {
  const before = mirror.list();
  const updates = await listWorkerUpdates(modules.store);
  for (const worker of before) if (!updates.has(worker.peerId)) mirror.drop(worker);
  const fresh = [...updates].filter(([peerId, updatedAt]) => mirror.seenAt(peerId) !== updatedAt);
  const rows = await getWorkers(
    modules.store,
    fresh.map(([peerId]) => peerId),
  );
  for (const row of rows) mirror.take(row);
}

async function claim(state: RecordState, greeting: Greeting): Promise<LiveWorker | undefined> {
  const { modules, mirror, events, claiming } = state;
  const { peerId } = greeting;
  claiming.add(peerId);
  try {
    const { worker, updatedAt, wish } = await claimForHello(modules.store, greeting, modules.self);
    const before = mirror.get(peerId);
    mirror.set(worker, updatedAt);
    state.savedAt.set(peerId, modules.clock.now());
    if (wish === 'drain') events.onDrainWish(worker);
    return before;
  } finally {
    claiming.delete(peerId);
  }
}

/** Writes an own worker, with an event if there is one. False when another orchestrator has it. */
async function save(state: RecordState, worker: LiveWorker, to?: StateChange): Promise<boolean> {
  const { modules, mirror, savedAt, lock } = state;
  const { peerId, homeToken } = worker;
  savedAt.set(peerId, modules.clock.now());
  return lock(peerId, async () => {
    const updatedAt = await modules.store.transaction().execute(async (tx) => {
      const at = await writeWorker(tx, worker);
      if (at !== undefined && to !== undefined) await addEvent(tx, eventOf(modules, worker, to));
      return at;
    });
    const known = mirror.get(peerId);
    if (updatedAt === undefined) await reread(state, worker);
    else if (known?.homeToken === homeToken) mirror.set(known, updatedAt);
    return updatedAt !== undefined;
  });
}

async function release(state: RecordState, worker: LiveWorker, to: StateChange): Promise<void> {
  const { modules, mirror, lock } = state;
  const next = { ...worker, ...AWAY, state: to.state, reason: to.reason };
  mirror.set({ ...next, home: null });
  const restore = (error: unknown) => {
    // still as the store has it, for who tries again
    if (mirror.get(worker.peerId)?.homeToken === worker.homeToken) mirror.set(worker);
    throw error;
  };
  const write = async () => {
    const released = await modules.store.transaction().execute(async (tx) => {
      const row = await releaseWorker(tx, next);
      if (row !== undefined) await addEvent(tx, eventOf(modules, worker, to));
      return row;
    });
    if (released === undefined) await reread(state, worker);
    else mirror.set({ ...next, home: null, homeToken: released.homeToken }, released.updatedAt);
    return released !== undefined;
  };
  const done = await lock(worker.peerId, write).catch(restore);
  if (done) tell(state, worker, to);
}

/** A write was refused: what the store says counts. */
async function reread({ modules, mirror }: RecordState, worker: LiveWorker): Promise<void> {
  const row = await getWorker(modules.store, worker.peerId);
  if (row === undefined) mirror.drop(worker);
  else mirror.take(row);
}

function tell({ modules }: RecordState, { peerId, offer: { name } }: LiveWorker, to: StateChange): void {
  modules.log.info(to.kind, { peerId, name, reason: to.reason });
  modules.onChange(`${to.kind} ${name}`);
}

/** What is noted of a worker's change of state. */
export const eventOf = (
  { clock }: { clock: Clock },
  worker: Pick<LiveWorker, 'peerId' | 'offer'>,
  to: StateChange,
) => ({
  at: clock.now(),
  kind: to.kind,
  subject: worker.peerId,
  message: `${worker.offer.name}: ${to.reason}`,
});
