import type { Clock } from '@rios/sdk/clock';
import { hasCode, RiosError, toRiosError } from '@rios/sdk/errors/error';
import type { ModelHash, PartId } from '@rios/sdk/ids';
import type { Log } from '@rios/sdk/log';
import type { ObservedPart } from '@rios/sdk/schema/worker';
import { type HeldModels, heldModel, noteAssignment, observe, observedParts } from './held-models.ts';
import type { AssignedModel, ModelStore } from './model-store.ts';
import { type Action, plan, retryDelayMs } from './plan.ts';
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

interface ActContext extends WorkerModules {
  readonly models: HeldModels;
  readonly disk: { short: boolean };
  /** What the assignment says of the action's model. */
  readonly model: AssignedModel | undefined;
}

/** Carries one action out. Never rejects: a failure becomes the parts' state. */
async function act(action: Action, context: ActContext): Promise<void> {
  const held = heldModel(context.models, action.modelHash);
  switch (action.kind) {
    case 'cancel':
      held.parts.set(action.partId, { state: 'cancelling' });
      held.fetches.get(action.partId)?.abort();
      return;
    case 'forget':
      held.parts.delete(action.partId);
      held.failures.delete(action.partId);
      return;
    case 'fetch':
      return await fetchPart(action, context);
    case 'load':
      return await loadParts(action, context);
    case 'unload':
      return await unloadParts(action, context);
    case 'remove':
      held.onDisk = false;
      context.disk.short = false;
      context.log.info('removing the files of a model that nobody asks for', { modelHash: action.modelHash });
      return await context.store.remove(action.modelHash).catch((error: unknown) => {
        context.log.warn('could not remove model files', {
          modelHash: action.modelHash,
          error: String(error),
        });
      });
  }
}

async function fetchPart(action: Action & { kind: 'fetch' }, context: ActContext): Promise<void> {
  const { partId, modelHash } = action;
  const held = heldModel(context.models, modelHash);
  if (context.model === undefined)
    throw new RiosError('BUG_UNEXPECTED', 'a fetch of a part that is not assigned');
  const abort = new AbortController();
  held.fetches.set(partId, abort);
  held.parts.set(partId, { state: 'fetching', fetchedBytes: 0 });
  held.onDisk = true;
  const onBytes = (fetchedBytes: number) => {
    if (!abort.signal.aborted) held.parts.set(partId, { state: 'fetching', fetchedBytes });
  };
  try {
    await context.store.fetchPart(context.model, partId, { onBytes, signal: abort.signal });
    held.parts.set(partId, { state: 'fetched' });
  } catch (error) {
    if (abort.signal.aborted) held.parts.delete(partId);
    else failPart(error, partId, modelHash, context);
  } finally {
    held.fetches.delete(partId);
  }
}

async function loadParts(action: Action & { kind: 'load' }, context: ActContext): Promise<void> {
  const { modelHash, partIds } = action;
  const held = heldModel(context.models, modelHash);
  for (const partId of partIds) held.parts.set(partId, { state: 'loading' });
  try {
    await context.engine.load(await context.store.modelFiles(modelHash), partIds as PartId[]);
    for (const partId of partIds) {
      held.parts.set(partId, { state: 'ready' });
      held.failures.delete(partId);
    }
    context.log.info('parts ready', { modelHash, parts: partIds });
    context.onChange();
  } catch (error) {
    for (const partId of partIds) failPart(error, partId, modelHash, context);
  }
}

async function unloadParts(action: Action & { kind: 'unload' }, context: ActContext): Promise<void> {
  const { modelHash, partIds } = action;
  const held = heldModel(context.models, modelHash);
  for (const partId of partIds) held.parts.set(partId, { state: 'unloading' });
  try {
    await context.engine.unload(modelHash as ModelHash, partIds as PartId[]);
  } catch (error) {
    context.log.error('could not unload parts', { modelHash, parts: partIds, error: String(error) });
  }
  for (const partId of partIds) held.parts.delete(partId);
}

function failPart(error: unknown, partId: string, modelHash: string, context: ActContext): void {
  const held = heldModel(context.models, modelHash);
  const known = toRiosError(error);
  if (hasCode(known, 'CAPACITY_DISK')) context.disk.short = true;
  const failures = held.failures.get(partId) ?? 0;
  held.failures.set(partId, failures + 1);
  const text = `${known.code}: ${known.message}`;
  const retryAt = context.clock.now() + retryDelayMs(failures, context.random);
  held.parts.set(partId, { state: 'failed', error: text, retryAt });
  context.onChange();
  context.log.warn('a part failed', {
    modelHash,
    partId,
    error: text,
    failures: failures + 1,
    details: known.details,
  });
}
