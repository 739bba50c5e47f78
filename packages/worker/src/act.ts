import { hasCode, RiosError, toRiosError } from '@rios/sdk/errors/error';
import type { ModelHash, PartId } from '@rios/sdk/ids';
import { type HeldModels, heldModel } from './held-models.ts';
import type { AssignedModel } from './model-store.ts';
import { type Action, retryDelayMs } from './plan.ts';
import type { WorkerModules } from './worker.ts';

/** What an action works on, beside the modules of the loop. */
export interface ActContext extends WorkerModules {
  readonly models: HeldModels;
  readonly disk: { short: boolean };
  /** What the assignment says of the action's model. */
  readonly model: AssignedModel | undefined;
}

/** Carries one action out. Never rejects: a failure becomes the parts' state. */
export async function act(action: Action, context: ActContext): Promise<void> {
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
