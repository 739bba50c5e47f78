import type { Clock } from '@rios/sdk/clock';
import type { LiveWorker } from '../p2p/live-worker.ts';
import { addEvent } from '../store/events.ts';
import type { Store } from '../store/store.ts';
import type { ModelOutcome } from './observed.ts';

/** Tells a draining worker when it may leave. */
export interface Draining {
  /** Resolves once no placement needs the worker and what replaces it is ready or cannot be; or at the signal. */
  whenDrained(peerId: string, signal: AbortSignal): Promise<void>;
  /** An evaluation was carried out. */
  notify(outcomes: readonly ModelOutcome[]): Promise<void>;
}

export interface DrainingModules {
  readonly store: Store;
  readonly clock: Clock;
  readonly workers: () => readonly LiveWorker[];
}

export function createDraining({ store, clock, workers }: DrainingModules): Draining {
  const waiters = new Map<string, Set<() => void>>();
  const drained = new Set<string>();
  return {
    whenDrained: async (peerId, signal) => {
      if (drained.has(peerId) || signal.aborted) return;
      const { promise, resolve } = Promise.withResolvers<void>();
      const here = waiters.get(peerId) ?? new Set();
      waiters.set(peerId, here.add(resolve));
      signal.addEventListener('abort', () => resolve(), { once: true });
      await promise.finally(() => here.delete(resolve));
    },
    notify: async (outcomes) => {
      const leaving = workers().filter(({ state }) => state === 'draining');
      for (const peerId of drained) {
        if (!leaving.some((worker) => worker.peerId === peerId)) drained.delete(peerId);
      }
      if (outcomes.some(({ state }) => state === 'placing')) return;
      for (const { peerId, offer } of leaving) {
        if (drained.has(peerId)) continue;
        drained.add(peerId);
        const message = `${offer.name}: no model needs it any more`;
        await addEvent(store, { at: clock.now(), kind: 'worker.drained', subject: peerId, message });
        for (const resolve of waiters.get(peerId) ?? []) resolve();
      }
    },
  };
}
