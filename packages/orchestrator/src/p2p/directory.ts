import type { Clock } from '@rios/sdk/clock';
import type { Log } from '@rios/sdk/log';
import { VERSION } from '@rios/sdk/version';
import { repeat } from '../services/repeat.ts';
import {
  type LiveOrchestrator,
  listLiveOrchestrators,
  registerOrchestrator,
  removeOrchestrator,
  renewOrchestrator,
} from '../store/orchestrators.ts';
import type { Store } from '../store/store.ts';

/** An orchestrator that did not renew its entry for this long is gone. */
export const ORCHESTRATOR_TTL_MS = 5_000;
/** Entries are renewed, and the others' read, this often. */
const RENEW_MS = 1_000;

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
  /** This orchestrator was thought to be gone (it stood still): what it knew may be out of date. */
  readonly onReturn?: () => Promise<void>;
}

export function createDirectory(modules: DirectoryModules): Directory {
  const { store, clock, log, self } = modules;
  let presence: Presence = { addresses: [], apiUrl: null };
  let token: number | undefined;
  let live: readonly LiveOrchestrator[] = [];
  let stopRenewing: (() => Promise<void>) | undefined;

  const entry = () => ({ peerId: self, version: VERSION, ...presence });
  const refresh = async () => {
    live = await listLiveOrchestrators(store);
  };
  const renew = async () => {
    if (token === undefined) return;
    if (!(await renewOrchestrator(store, { ...entry(), token }, ORCHESTRATOR_TTL_MS))) {
      log.warn('the others took this orchestrator for gone; it enters itself again');
      token = await registerOrchestrator(store, entry(), ORCHESTRATOR_TTL_MS);
      await modules.onReturn?.();
    }
    await refresh();
  };
  return {
    self,
    list: () => live,
    isOrchestrator: (peerId) => peerId === self || live.some((one) => one.peerId === peerId),
    start: async (next) => {
      presence = next;
      if (token === undefined) token = await registerOrchestrator(store, entry(), ORCHESTRATOR_TTL_MS);
      else await renew();
      await refresh();
      stopRenewing ??= repeat(clock, RENEW_MS, renew, (error) =>
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
