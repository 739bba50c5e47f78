import type { AssignmentTable } from './assignment-table.ts';
import type { ModelOutcome, ObservedWorker, PlannedEvent } from './observed.ts';

/** Tells a draining worker when it may leave. */
export interface Draining {
  /** Resolves once no placement needs the worker and what replaces it is ready or cannot be; or at the signal. */
  whenDrained(peerId: string, signal: AbortSignal): Promise<void>;
  /** The table was read anew. */
  check(): void;
}

export function createDraining(table: Pick<AssignmentTable, 'isDrained'>): Draining {
  const waiters = new Set<{ readonly peerId: string; readonly resolve: () => void }>();
  return {
    whenDrained: async (peerId, signal) => {
      if (table.isDrained(peerId) || signal.aborted) return;
      const { promise, resolve } = Promise.withResolvers<void>();
      const waiter = { peerId, resolve };
      waiters.add(waiter);
      const onAbort = () => resolve();
      signal.addEventListener('abort', onAbort, { once: true });
      await promise;
      waiters.delete(waiter);
      signal.removeEventListener('abort', onAbort);
    },
    check: () => {
      for (const { peerId, resolve } of waiters) if (table.isDrained(peerId)) resolve();
    },
  };
}

/**
 * Which workers may leave from now on, which not any more, and what is told of that: those that no model needs, and
 * that have no containers. Pure.
 */
export function planDraining(
  workers: readonly ObservedWorker[],
  outcomes: readonly ModelOutcome[],
  isDrained: (workerId: string) => boolean,
  hasContainers: (workerId: string) => boolean,
): { readonly drained: ReadonlyMap<string, boolean>; readonly events: readonly PlannedEvent[] } {
  const drained = new Map<string, boolean>();
  const events: PlannedEvent[] = [];
  const moving = outcomes.some(({ state }) => state === 'placing');
  for (const { peerId, state, offer } of workers) {
    if (state !== 'draining' && isDrained(peerId)) drained.set(peerId, false);
    if (state !== 'draining' || moving || isDrained(peerId) || hasContainers(peerId)) continue;
    drained.set(peerId, true);
    const message = `${offer.name}: nothing needs it any more`;
    events.push({ kind: 'worker.drained', subject: peerId, message });
  }
  return { drained, events };
}
