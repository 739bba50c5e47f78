import type { Clock } from '@rios/sdk/clock';
import { toRiosError } from '@rios/sdk/errors/error';
import type { Log } from '@rios/sdk/log';
import type { Store } from '../store/store.ts';
import { listBindings, type StoredBinding } from '../store/wallet-bindings.ts';
import { listStakes, type StoredStake } from '../store/worker-stakes.ts';
import type { ChainAccess } from './chain-access.ts';
import { createReadStakes, type ReadStakes } from './read-stakes.ts';
import { changedStakes, type StakeFact, stakeFacts } from './stake-facts.ts';

/** The wait after failures doubles up to this. */
const MAX_WAIT_MS = 60_000;
/** How often to look whether there is a chain. */
const NO_CHAIN_POLL_MS = 1_000;

/** What the chain says of the workers' stakes, known without waiting. */
export interface StakeReader {
  /** Undefined = the worker is bound to no wallet. */
  of(peerId: string): StakeFact | undefined;
  /** Takes up what was last known, and looks again and again. */
  start(): Promise<void>;
  /** A binding changed: looks now. */
  wake(): void;
  /** Waits for the look under way. Idempotent. */
  stop(): Promise<void>;
}

export interface StakeReaderModules {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly access: ChainAccess;
  /** A worker's stake counts for another amount from now on. */
  readonly onChange: (reason: string) => void;
}

/** Of a network without a chain: nobody has a wallet. */
export const NO_STAKES: StakeReader = {
  of: () => undefined,
  start: async () => {},
  wake: () => {},
  stop: async () => {},
};

interface ReaderState {
  readonly modules: StakeReaderModules;
  readonly readStakes: ReadStakes;
  /** Where `stakes` were read; undefined before a chain was found. */
  registry: string | undefined;
  pollMs: number;
  stakes: ReadonlyMap<string, StoredStake>;
  facts: ReadonlyMap<string, StakeFact>;
  failures: number;
}

/**
 * Reads the stakes of bound workers, block by block. The RPC is asked only while a worker is bound, and nobody waits
 * for it: when it fails, what was last known counts on, with its age.
 */
export function createStakeReader(modules: StakeReaderModules): StakeReader {
  const { clock } = modules;
  const state = createState(modules);
  let running: Promise<void> | undefined;
  let again = false;
  let stopped = false;
  let cancel = () => {};

  const run = async () => {
    do {
      again = false;
      await look(state);
    } while (again && !stopped);
  };
  const next = () => {
    cancel();
    if (stopped) return;
    again = running !== undefined;
    running ??= run().finally(() => {
      running = undefined;
      if (!stopped) cancel = clock.after(waitMs(state.pollMs, state.failures), next);
    });
  };
  return {
    of: (peerId) => liveFact(state.facts.get(peerId), clock.now()),
    start: async () => {
      await follow(state);
      show(state, await listBindings(modules.store, clock.now()));
      next();
    },
    wake: next,
    stop: async () => {
      stopped = true;
      cancel();
      await running;
      state.readStakes.close();
    },
  };
}

const createState = (modules: StakeReaderModules): ReaderState => ({
  modules,
  readStakes: createReadStakes(modules),
  registry: undefined,
  pollMs: NO_CHAIN_POLL_MS,
  stakes: new Map(),
  facts: new Map(),
  failures: 0,
});

const waitMs = (pollMs: number, failures: number): number =>
  Math.min(MAX_WAIT_MS, pollMs * 2 ** Math.min(failures, 10));

/** A binding ends when it says so, whenever that is looked at. */
const liveFact = (fact: StakeFact | undefined, now: number): StakeFact | undefined =>
  fact !== undefined && fact.expiresAt > now ? fact : undefined;

/** Finds the chain. What was read elsewhere does not count on another. */
async function follow(state: ReaderState): Promise<string | undefined> {
  const { store, access } = state.modules;
  const found = await access.find();
  state.pollMs = found?.pollMs ?? NO_CHAIN_POLL_MS;
  if (found?.registry === state.registry) return state.registry;
  state.readStakes.close();
  const stored = found === undefined ? [] : await listStakes(store, found.registry);
  state.registry = found?.registry;
  state.stakes = new Map(stored.map((stake) => [stake.peerId, stake]));
  return state.registry;
}

/** One look at the bindings and, if there are any, at the chain. Never throws. */
async function look(state: ReaderState): Promise<void> {
  const { modules, readStakes } = state;
  try {
    const registry = await follow(state);
    const bindings = await listBindings(modules.store, modules.clock.now());
    show(state, bindings);
    if (registry === undefined || bindings.length === 0) return;
    state.stakes = await readStakes.read(registry, bindings, state.stakes);
    show(state, bindings);
    if (state.failures > 0) modules.log.info('stakes can be read again');
    state.failures = 0;
  } catch (error) {
    state.failures++;
    if (state.failures > 1) return;
    const { code, message } = toRiosError(error);
    modules.log.warn('stakes cannot be read; what was last known counts', { code, error: message });
  }
}

/** From now on these count; tells when that changes an amount. */
function show(state: ReaderState, bindings: readonly StoredBinding[]): void {
  const facts = stakeFacts(bindings, state.stakes);
  const changed = changedStakes(state.facts, facts);
  state.facts = facts;
  if (changed.length > 0) state.modules.onChange(`stake of ${changed.length} workers`);
}
