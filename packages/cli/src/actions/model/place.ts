import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from '@rios/sdk/api/client';
import { parseRos } from '@rios/sdk/chain/amounts';
import { fromErrorBody, RiosError } from '@rios/sdk/errors/error';
import type { ModelView } from '@rios/sdk/schema/api';
import type { Placement, Shape } from '@rios/sdk/schema/route';
import type { Progress } from '../../progress/progress.ts';

const POLL_MS = 150;
const DEFAULT_TIMEOUT_MS = 300_000;

export interface PlaceOptions {
  readonly client: Client;
  readonly name: string;
  readonly shape?: Shape | undefined;
  readonly spread?: boolean | undefined;
  /** At stake for each worker, in ROS. */
  readonly minStake?: string | undefined;
  readonly timeoutMs?: number | undefined;
  readonly signal: AbortSignal;
}

/** True when no worker holds all expert groups of any layer. */
export function isSpread(placement: Placement): boolean {
  const holders = new Map<string, Set<string>>();
  for (const { workerId, parts } of placement.stages.flatMap((stage) => stage.experts)) {
    for (const part of parts) {
      const layer = part.slice(0, part.lastIndexOf('.'));
      holders.set(layer, (holders.get(layer) ?? new Set()).add(workerId));
    }
  }
  return [...holders.values()].every((workers) => workers.size > 1);
}

function isAsWished(model: ModelView, options: PlaceOptions): boolean {
  const { placement } = model;
  if (model.state !== 'ready' || placement === null) return false;
  if (options.shape !== undefined && placement.shape !== options.shape) return false;
  return options.spread !== true || isSpread(placement);
}

function placementFailed(model: ModelView): RiosError {
  const error = model.error ?? { message: `${model.name} could not be placed: ${model.reason}` };
  return fromErrorBody(error, 'CAPACITY_NO_PLACEMENT');
}

/**
 * Waits until a model is ready on its workers in the wished form, telling how far it is.
 * @throws RiosError CAPACITY_NO_PLACEMENT, API_TIMEOUT
 */
export async function waitUntilReady(options: PlaceOptions, progress: Progress): Promise<ModelView> {
  const { client, name, signal } = options;
  const startedAt = Date.now();
  let said = '';
  for (;;) {
    const model = await client.getModel({ params: { name }, signal });
    if (isAsWished(model, options)) return model;
    const waitedMs = Date.now() - startedAt;
    if (model.state === 'failed') throw placementFailed(model);
    if (waitedMs > (options.timeoutMs ?? DEFAULT_TIMEOUT_MS)) {
      throw new RiosError('API_TIMEOUT', `${name} was not ready in time: ${model.reason}`);
    }
    const text = `Placing ${name}: ${model.reason}`;
    if (text !== said && model.state === 'placing') progress.update(text);
    said = text;
    await delay(POLL_MS, undefined, { signal }).catch(() => signal.throwIfAborted());
  }
}

/** Asks for a placement, and waits until all its parts are ready. Throws as waitUntilReady does. */
export async function placeModel(options: PlaceOptions, progress: Progress): Promise<ModelView> {
  const { client, name, shape, spread, minStake, signal } = options;
  const body = {
    ...(shape === undefined ? {} : { shape }),
    ...(spread === undefined ? {} : { spread }),
    ...(minStake === undefined ? {} : { minStakeWei: String(parseRos(minStake)) }),
  };
  progress.step(`Placing ${name}`);
  await client.placeModel({ params: { name }, body, signal });
  const model = await waitUntilReady(options, progress);
  progress.stop();
  return model;
}
