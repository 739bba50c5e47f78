import type { Clock } from '@rios/sdk/clock';
import { RiosError } from '@rios/sdk/errors/error';
import type { Log } from '@rios/sdk/log';
import type { ObservedPart } from '@rios/sdk/schema/worker';
import { act } from './act.ts';
import { type HeldModels, heldModel, noteAssignment, observe, observedParts } from './held-models.ts';
import type { AssignedModel, ModelStore } from './model-store.ts';
import { type Action, plan } from './plan.ts';
import type { Engine, ModelFiles } from './runtime/engine.ts';

/** Brings what this machine holds to what it is asked to hold: observe, plan, act, again after every change. */
export interface Worker {
  /** Finds what earlier runs left on the disk. */
  start(): Promise<void>;
  /** The whole desired state; the same one again changes nothing. */
  assign(models: readonly AssignedModel[]): void;
  observed(): ObservedPart[];
  /** The model's files when every one of the parts is ready here. Throws CAPACITY_PLACING. */
  requireReady(modelHash: string, partIds: readonly string[]): Promise<ModelFiles>;
  /** Plans again: a session ended, or time passed. */
  replan(): void;
  /** Stops fetches and waits for what is in flight. Idempotent. */
  stop(): Promise<void>;
}

export interface WorkerModules {
  readonly store: ModelStore;
  readonly engine: Pick<Engine, 'load' | 'unload'>;
  /** Whether an open session computes with the model. */
  readonly isInUse: (modelHash: string) => boolean;
  /** Parts have become ready or failed: worth telling the orchestrator. */
  readonly onChange: () => void;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
}

/** Makes the loop; it does nothing before the first `assign`. */
export function createWorker(modules: WorkerModules): Worker {
  const { clock } = modules;
  const models: HeldModels = new Map();
  const inFlight = new Set<Promise<void>>();
  const disk = { short: false };
  let assigned: ReadonlyMap<string, AssignedModel> = new Map();
  let desired: ReadonlyMap<string, readonly string[]> = new Map();
  let stopped = false;
  let cancelWake = () => {};

  const replan = () => {
    if (stopped) return;
    cancelWake();
    const now = clock.now();
    noteAssignment(models, desired, now);
    const observation = { models: observe(models, modules.isInUse), diskShort: disk.short };
    const { actions, wakeAt } = plan(desired, observation, now);
    for (const action of actions) begin(action);
    if (wakeAt !== undefined) cancelWake = clock.after(wakeAt - now, replan);
  };
  const begin = (action: Action) => {
    const acting = act(action, { ...modules, models, disk, model: assigned.get(action.modelHash) }).finally(
      () => {
        inFlight.delete(acting);
        replan();
      },
    );
    inFlight.add(acting);
  };

  return {
    async start() {
      for (const modelHash of await modules.store.list()) heldModel(models, modelHash).onDisk = true;
      replan();
    },
    assign(wanted) {
      assigned = new Map(wanted.map((model) => [model.modelHash, model]));
      desired = new Map(wanted.map((model) => [model.modelHash, model.parts]));
      replan();
    },
    observed: () => observedParts(models, desired),
    async requireReady(modelHash, partIds) {
      const parts = models.get(modelHash)?.parts;
      const missing = partIds.filter((partId) => parts?.get(partId)?.state !== 'ready');
      if (missing.length > 0)
        throw new RiosError(
          'CAPACITY_PLACING',
          'this worker does not hold all parts that it is asked to use',
          {
            details: { modelHash, missing: missing.slice(0, 20), missingCount: missing.length },
          },
        );
      return await modules.store.modelFiles(modelHash);
    },
    replan,
    async stop() {
      stopped = true;
      cancelWake();
      for (const model of models.values()) for (const fetch of model.fetches.values()) fetch.abort();
      await Promise.all(inFlight);
    },
  };
}
