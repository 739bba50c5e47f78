import type { StoredWorker } from '../store/workers.ts';
import type { LiveWorker } from './live-worker.ts';

/** What the store may bring up about own workers. */
export interface MirrorEvents {
  /** Another orchestrator has it now, or it was removed: it is not ours any more. */
  readonly onTaken: (worker: LiveWorker) => void;
  /** An operator asked for it to drain, at another orchestrator. */
  readonly onDrainWish: (worker: LiveWorker) => void;
  /** The store has it as ours, but we have no link of it. */
  readonly onStray: (worker: LiveWorker) => void;
}

/**
 * The workers of the network in memory. An own one (its home is `self`) counts as it is here, until the store
 * shows a higher token; all others are as the store last showed them.
 */
export interface WorkerMirror {
  list(): readonly LiveWorker[];
  get(peerId: string): LiveWorker | undefined;
  isOwn(worker: LiveWorker): boolean;
  /** Our word about a worker; `updatedAt` when the store has it already. */
  set(worker: LiveWorker, updatedAt?: number): void;
  /** What the store says of a worker. Rows that are older than what is known change nothing. */
  take(row: StoredWorker): void;
  /** The worker is not in the store any more, unless it is known by a newer token. */
  drop(worker: LiveWorker): void;
  /** `updatedAt` of the newest row that was seen. */
  seenAt(peerId: string): number | undefined;
}

interface Entry {
  readonly worker: LiveWorker;
  readonly updatedAt: number;
}

export function createWorkerMirror(self: string, events: MirrorEvents): WorkerMirror {
  const entries = new Map<string, Entry>();
  const isOwn = (worker: LiveWorker) => worker.home === self;
  const replace = (row: StoredWorker): LiveWorker => {
    const { wish: _, updatedAt, ...record } = row;
    const worker = { ...record, link: null };
    entries.set(row.peerId, { worker, updatedAt });
    return worker;
  };
  const takeSame = (row: StoredWorker, { worker, updatedAt }: Entry) => {
    if (row.updatedAt <= updatedAt) return;
    if (!isOwn(worker)) {
      replace(row);
      return;
    }
    entries.set(row.peerId, { worker, updatedAt: row.updatedAt });
    if (row.wish === 'drain') events.onDrainWish(worker);
  };
  return {
    list: () => [...entries.values()].map(({ worker }) => worker),
    get: (peerId) => entries.get(peerId)?.worker,
    isOwn,
    set: (worker, updatedAt) => {
      const seen = updatedAt ?? entries.get(worker.peerId)?.updatedAt ?? 0;
      entries.set(worker.peerId, { worker, updatedAt: seen });
    },
    take: (row) => {
      const known = entries.get(row.peerId);
      const token = known?.worker.homeToken ?? 0;
      if (known !== undefined && row.homeToken < token) return;
      if (known !== undefined && row.homeToken === token) return takeSame(row, known);
      const worker = replace(row);
      if (isOwn(worker)) events.onStray(worker);
      else if (known !== undefined && isOwn(known.worker)) events.onTaken(known.worker);
    },
    drop: ({ peerId, homeToken }) => {
      const known = entries.get(peerId)?.worker;
      if (known === undefined || known.homeToken > homeToken) return;
      entries.delete(peerId);
      if (isOwn(known)) events.onTaken(known);
    },
    seenAt: (peerId) => entries.get(peerId)?.updatedAt,
  };
}
