import type { Clock } from '@rios/sdk/clock';
import type { LiveWorker } from '../p2p/live-worker.ts';
import { addEvent } from '../store/events.ts';
import type { Store } from '../store/store.ts';
import type { ModelOutcome } from './observed.ts';

/** Tells a draining worker when it may leave. */
export interface Draining {
  /** Resolves once no placement needs the worker and what replaces it is ready or cannot be; or at the signal. */
  whenDrained(peerId: string, signal: AbortSignal): Promise<void>;
  /** An evaluation begins: only workers that drain already count. Call the result with what it found. */
  begin(): (outcomes: readonly ModelOutcome[]) => Promise<void>;
}

export interface DrainingModules {
  readonly store: Store;
  readonly clock: Clock;
  readonly workers: () => readonly LiveWorker[];
}

export function createDraining({ store, clock, workers }: DrainingModules): Draining {
  const waiters = new Map<string, Set<() => void>>();
  const drained = new Set<string>();

  const release = async ({ peerId, offer }: LiveWorker) => {
    drained.add(peerId);
    const message = `${offer.name}: no model needs it any more`;
    await addEvent(store, { at: clock.now(), kind: 'worker.drained', subject: peerId, message });
    for (const resolve of waiters.get(peerId) ?? []) resolve();
  };
  return {
    whenDrained: async (peerId, signal) => {
      if (drained.has(peerId) || signal.aborted) return;
      const { promise, resolve } = Promise.withResolvers<void>();
      const here = waiters.get(peerId) ?? new Set();
      waiters.set(peerId, here.add(resolve));
      signal.addEventListener('abort', () => resolve(), { once: true });
      await promise.finally(() => here.delete(resolve));
    },
    begin: () => {
      const leaving = workers().filter(({ state }) => state === 'draining');
      for (const peerId of drained) {
        if (!leaving.some((worker) => worker.peerId === peerId)) drained.delete(peerId);
      }
      return async (outcomes) => {
        if (outcomes.some(({ state }) => state === 'placing')) return;
        for (const worker of leaving) if (!drained.has(worker.peerId)) await release(worker);
      };
    },
  };
}
