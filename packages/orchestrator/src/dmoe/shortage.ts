import type { ErrorCode } from '@rios/sdk/errors/catalog';
import { RiosError } from '@rios/sdk/errors/error';
import type { Shape } from '@rios/sdk/schema/route';
import type { PlanInput, ShapeOutcome, WorkerFacts } from './facts.ts';
import { type PartTable, stageBytes } from './memory.ts';
import { unusable } from './rejections.ts';

/** One worker's side of a shortage. Bytes; `shortBytes` is 0 where the model would fit alone. */
export interface WorkerShortage {
  readonly workerId: string;
  readonly name: string;
  readonly resource: 'memory';
  /** What the whole model needs there. */
  readonly neededBytes: number;
  readonly availableBytes: number;
  readonly shortBytes: number;
  /** Why it cannot be used whatever its memory. */
  readonly unusable: string | null;
}

/** Why a model fits nowhere. */
export interface Shortage {
  readonly code: Extract<ErrorCode, 'CAPACITY_NO_WORKERS' | 'CAPACITY_NO_PLACEMENT'>;
  readonly message: string;
  readonly details: {
    readonly model: string;
    /** All usable workers together. */
    readonly total: {
      readonly neededBytes: number;
      readonly availableBytes: number;
      readonly shortBytes: number;
    };
    readonly workers: readonly WorkerShortage[];
    readonly shapes: readonly { readonly shape: Shape; readonly reason: string }[];
  };
}

/** Says which resource is short, by how much, for each worker and for all together. */
export function describeShortage(
  input: PlanInput,
  table: PartTable,
  eligible: readonly WorkerFacts[],
  outcomes: ReadonlyMap<Shape, ShapeOutcome>,
): Shortage {
  const { model } = input;
  const neededBytes = stageBytes(table, 0, model.dims.layers);
  const availableBytes = eligible.reduce((sum, worker) => sum + Math.max(0, worker.availableBytes), 0);
  const total = { neededBytes, availableBytes, shortBytes: Math.max(0, neededBytes - availableBytes) };
  const shapes = [...outcomes].flatMap(([shape, outcome]) =>
    'refused' in outcome ? [{ shape, reason: outcome.refused }] : [],
  );
  const workers = input.workers.map((worker) => workerShortage(worker, neededBytes));
  const details = { model: model.name, total, workers, shapes };
  if (eligible.length === 0) {
    const message = `no worker can take ${model.name}: ${input.workers.length} known, none usable`;
    return { code: 'CAPACITY_NO_WORKERS', message, details };
  }
  return { code: 'CAPACITY_NO_PLACEMENT', message: messageOf(input, total, shapes), details };
}

function messageOf(
  { model, shape, spread }: PlanInput,
  total: Shortage['details']['total'],
  shapes: Shortage['details']['shapes'],
): string {
  const wish = `${shape ?? 'any shape'}${spread === true ? ', spread' : ''}`;
  if (total.shortBytes > 0) {
    return `${model.name} needs ${total.neededBytes} bytes of memory; all workers together are ${total.shortBytes} short`;
  }
  const asked = shapes.find((found) => found.shape === shape) ?? shapes[0];
  return `${model.name} has no placement (${wish}): ${asked?.reason ?? 'no shape fits'}`;
}

function workerShortage(worker: WorkerFacts, neededBytes: number): WorkerShortage {
  const { peerId: workerId, name, availableBytes } = worker;
  const shortBytes = Math.max(0, neededBytes - availableBytes);
  return {
    workerId,
    name,
    resource: 'memory',
    neededBytes,
    availableBytes,
    shortBytes,
    unusable: unusable(worker),
  };
}

/** The shortage as the error that callers get. */
export const shortageError = ({ code, message, details }: Shortage): RiosError =>
  new RiosError(code, message, { details });
