import type { Clock } from '@rios/sdk/clock';
import type { Log } from '@rios/sdk/log';
import type { WorkerState } from '../store/database.ts';
import { addEvent } from '../store/events.ts';
import type { Store } from '../store/store.ts';
import { deleteWorker, listWorkers, putWorker } from '../store/workers.ts';
import { type LiveWorker, toRecord } from './live-worker.ts';

/** What a worker is while it has no link. */
export const AWAY = { link: null, parts: [], rttMs: {}, sessions: 0, generation: 0 } as const;

/** The store gets an unchanged worker's report at most this often. */
const SAVE_MS = 5_000;

/** Workers in memory, which is what counts, and in the store, for the next start and for people. */
export interface WorkerRecords {
  /** Reads the store; nobody has a link yet. */
  load(): Promise<readonly LiveWorker[]>;
  list(): readonly LiveWorker[];
  get(peerId: string): LiveWorker | undefined;
  /** Takes a new observation, and writes it when it matters or the last one is old. */
  observe(worker: LiveWorker, matters: boolean): Promise<void>;
  /** Moves a worker, as it is now, into a state, with an event of `kind` that says why. */
  change(peerId: string, to: StateChange): Promise<void>;
  remove(peerId: string): Promise<void>;
}

export interface StateChange {
  readonly state: WorkerState;
  readonly reason: string;
  readonly kind: string;
  readonly also?: Partial<LiveWorker>;
}

export interface RecordModules {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  /** Something changed that a plan may depend on. */
  readonly onChange: (reason: string) => void;
}

export function createWorkerRecords({ store, clock, log, onChange }: RecordModules): WorkerRecords {
  const workers = new Map<string, LiveWorker>();
  const savedAt = new Map<string, number>();
  const save = async (worker: LiveWorker) => {
    workers.set(worker.peerId, worker);
    savedAt.set(worker.peerId, clock.now());
    await putWorker(store, toRecord(worker));
  };
  return {
    load: async () => {
      for (const record of await listWorkers(store)) workers.set(record.peerId, { ...record, ...AWAY });
      return [...workers.values()];
    },
    list: () => [...workers.values()],
    get: (peerId) => workers.get(peerId),
    observe: async (worker, matters) => {
      workers.set(worker.peerId, worker);
      if (matters || clock.now() - (savedAt.get(worker.peerId) ?? 0) >= SAVE_MS) await save(worker);
    },
    change: async (peerId, { state, reason, kind, also }) => {
      const worker = workers.get(peerId);
      if (worker === undefined) return;
      await save({ ...worker, ...also, state, reason });
      const { name } = worker.offer;
      await addEvent(store, { at: clock.now(), kind, subject: peerId, message: `${name}: ${reason}` });
      log.info(kind, { peerId, name, reason });
      onChange(`${kind} ${name}`);
    },
    remove: async (peerId) => {
      workers.delete(peerId);
      savedAt.delete(peerId);
      await deleteWorker(store, peerId);
      onChange(`removed ${peerId}`);
    },
  };
}
