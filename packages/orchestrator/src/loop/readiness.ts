import { RiosError } from '@rios/sdk/errors/error';
import { shortageError } from '../dmoe/shortage.ts';
import type { ModelOutcome } from './observed.ts';

/** Lets callers wait for what becomes of a model. */
export interface Readiness {
  /**
   * Resolves at the next evaluation that finds the model ready; throws CAPACITY_NO_WORKERS, CAPACITY_NO_PLACEMENT
   * or RUNTIME_SESSION at the next one that fails it, NOT_FOUND_MODEL when it is gone or unloaded, and the
   * signal's reason. An evaluation that is under way does not count: it may not know of the wish.
   */
  wait(name: string, signal: AbortSignal): Promise<void>;
  /** An evaluation begins. Call the result with what it found. */
  begin(): (outcomes: readonly ModelOutcome[]) => void;
}

interface Waiter {
  readonly name: string;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

export function createReadiness(): Readiness {
  const waiters = new Set<Waiter>();
  return {
    wait: async (name, signal) => {
      signal.throwIfAborted();
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const waiter = { name, resolve, reject };
      const onAbort = () => reject(signal.reason);
      waiters.add(waiter);
      signal.addEventListener('abort', onAbort, { once: true });
      try {
        await promise;
      } finally {
        waiters.delete(waiter);
        signal.removeEventListener('abort', onAbort);
      }
    },
    begin: () => {
      const waiting = [...waiters];
      return (outcomes) => {
        const byName = new Map(outcomes.map((outcome) => [outcome.name, outcome]));
        for (const waiter of waiting) settle(waiter, byName.get(waiter.name));
      };
    },
  };
}

function settle({ name, resolve, reject }: Waiter, outcome: ModelOutcome | undefined): void {
  if (outcome === undefined || outcome.state === 'stored') {
    reject(new RiosError('NOT_FOUND_MODEL', `${name} was taken off the workers`));
  } else if (outcome.state === 'ready') {
    resolve();
  } else if (outcome.state === 'failed') {
    reject(failureOf(outcome));
  }
}

/**
 * What a request is told of a model that failed. Parts that failed where they were placed are the worker's
 * trouble; anything else is a shortage.
 */
export function failureOf({ name, reason, placement, shortage }: ModelOutcome): RiosError {
  if (placement === null && shortage !== null) return shortageError(shortage);
  return new RiosError('RUNTIME_SESSION', `${name} cannot be loaded: ${reason}`, {
    details: { model: name },
  });
}
