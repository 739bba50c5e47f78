import type { Clock } from '@rios/sdk/clock';
import type { Log } from '@rios/sdk/log';
import type { PeerAddress } from '@rios/sdk/schema/worker';
import { VERSION } from '@rios/sdk/version';
import { repeat } from '../services/repeat.ts';
import {
  clearOrchestrators,
  type LiveOrchestrator,
  listLiveOrchestrators,
  registerOrchestrator,
  removeOrchestrator,
  renewOrchestrator,
} from '../store/orchestrators.ts';
import { isShared } from '../store/shared.ts';
import type { Store } from '../store/store.ts';

/** An orchestrator that did not renew its entry for this long is gone. */
export const ORCHESTRATOR_TTL_MS = 5_000;
/** Entries are renewed, and the others' read, this often. */
const RENEW_MS = 1_000;
/** In a store with a single owner nobody else looks: an entry stands, and costs no writes. */
const ALONE = { ttlMs: 7 * 86_400_000, renewMs: 86_400_000 };
/** Orchestrators told to a worker, and addresses of each, at most. */
const MAX_TOLD = 16;

/** What an orchestrator tells the others of itself. */
export interface Presence {
  /** Where peers reach it, with /p2p/<id>. */
  readonly addresses: readonly string[];
  /** Null until its API listens. */
  readonly apiUrl: string | null;
}

/** The orchestrators that share the store: which of them live goes by the store's time alone. */
export interface Directory {
  /** Peer id of this orchestrator. */
  readonly self: string;
  /** Those that live, as last read (each second); this one is always among them once started. */
  list(): readonly LiveOrchestrator[];
  /** Where those are that tell an address, this one first; 16 at most. */
  addresses(): PeerAddress[];
  /** Whether it is one that lives. This one is. */
  isOrchestrator(peerId: string): boolean;
  /** Enters this orchestrator and keeps it there. Called again, it tells something else from now on. */
  start(presence: Presence): Promise<void>;
  /** Reads who lives now. */
  refresh(): Promise<void>;
  /** Takes this orchestrator out, so that nobody waits for it. Idempotent. */
  stop(): Promise<void>;
}

export interface DirectoryModules {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  /** Peer id of this orchestrator. */
  readonly self: string;
}

export function createDirectory({ store, clock, log, self }: DirectoryModules): Directory {
  let presence: Presence = { addresses: [], apiUrl: null };
  let token: number | undefined;
  let live: readonly LiveOrchestrator[] = [];
  let stopRenewing: (() => Promise<void>) | undefined;

  const { ttlMs, renewMs } = isShared(store) ? { ttlMs: ORCHESTRATOR_TTL_MS, renewMs: RENEW_MS } : ALONE;
  const entry = () => ({ peerId: self, version: VERSION, ...presence });
  const refresh = async () => {
    live = await listLiveOrchestrators(store);
  };
  const renew = async () => {
    if (token === undefined) return;
    if (!(await renewOrchestrator(store, { ...entry(), token }, ttlMs))) {
      log.warn('the others took this orchestrator for gone; it enters itself again');
      token = await registerOrchestrator(store, entry(), ttlMs);
    }
    await refresh();
  };
  return {
    self,
    list: () => live,
    addresses: () =>
      [...live.filter(({ peerId }) => peerId === self), ...live.filter(({ peerId }) => peerId !== self)]
        .filter(({ addresses }) => addresses.length > 0)
        .slice(0, MAX_TOLD)
        .map(({ peerId, addresses }) => ({ peerId, addresses: addresses.slice(0, MAX_TOLD) })),
    isOrchestrator: (peerId) => peerId === self || live.some((one) => one.peerId === peerId),
    start: async (next) => {
      presence = next;
      if (token === undefined && !isShared(store)) await clearOrchestrators(store);
      if (token === undefined) token = await registerOrchestrator(store, entry(), ttlMs);
      else await renew();
      await refresh();
      stopRenewing ??= repeat(clock, renewMs, renew, (error) =>
        log.error('this orchestrator could not renew its entry', { error: String(error) }),
      );
    },
    refresh,
    stop: async () => {
      await stopRenewing?.();
      if (token !== undefined) await removeOrchestrator(store, { peerId: self, token });
      token = undefined;
      live = [];
    },
  };
}
