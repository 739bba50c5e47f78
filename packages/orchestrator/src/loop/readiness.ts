import type { Clock } from '@rios/sdk/clock';
import { fromErrorBody, RiosError } from '@rios/sdk/errors/error';
import { createAlarm } from '../queue/alarm.ts';
import { lastEvaluated } from '../store/evaluations.ts';
import { getModel } from '../store/models.ts';
import type { Store } from '../store/store.ts';

/** Lets callers wait for what becomes of a model, whichever orchestrator plans. */
export interface Readiness {
  /**
   * Waits for the evaluation with this id, or a later one, and for what it makes of the model. Resolves when that
   * is ready; throws CAPACITY_NO_WORKERS, CAPACITY_NO_PLACEMENT or RUNTIME_SESSION when it failed, NOT_FOUND_MODEL
   * when it is gone or unloaded, and the signal's reason.
   */
  wait(name: string, evaluation: number, signal: AbortSignal): Promise<void>;
  /** An evaluation was carried out here: those who wait look at once. */
  changed(): void;
}

export interface ReadinessModules {
  readonly store: Store;
  readonly clock: Clock;
  /** How often those who wait look for what another orchestrator did. */
  readonly pollMs: number;
}

export function createReadiness({ store, clock, pollMs }: ReadinessModules): Readiness {
  const alarm = createAlarm(clock);
  return {
    wait: async (name, evaluation, signal) => {
      const { promise: aborted, reject } = Promise.withResolvers<never>();
      aborted.catch(() => {});
      const onAbort = () => reject(signal.reason);
      signal.addEventListener('abort', onAbort, { once: true });
      try {
        for (;;) {
          signal.throwIfAborted();
          // before looking, so that no change is missed
          const rung = alarm.wait(pollMs);
          if (await isReady(store, name, evaluation)) return;
          await Promise.race([rung, aborted]);
        }
      } finally {
        signal.removeEventListener('abort', onAbort);
      }
    },
    changed: alarm.ring,
  };
}

/** False while it is not known yet. */
async function isReady(store: Store, name: string, evaluation: number): Promise<boolean> {
  if ((await lastEvaluated(store)) < evaluation) return false;
  const model = await getModel(store, name);
  if (model === undefined || model.state === 'stored') {
    throw new RiosError('NOT_FOUND_MODEL', `${name} was taken off the workers`);
  }
  if (model.state === 'failed')
    throw fromErrorBody(model.error ?? { message: model.reason }, 'RUNTIME_SESSION');
  return model.state === 'ready';
}
