import { chooseCandidate } from './choose.ts';
import type { Candidate, ModelSummary, ShapeOutcome, WorkerFacts } from './facts.ts';
import { type PartTable, stageBytes } from './memory.ts';
import { wholeStage } from './stage-plan.ts';
import { predictTpotMs } from './timing.ts';

/** The whole model on the worker that answers fastest. `workers` are eligible and in order. */
export function planReplica(
  model: ModelSummary,
  table: PartTable,
  workers: readonly WorkerFacts[],
): ShapeOutcome {
  const { layers } = model.dims;
  const needed = stageBytes(table, 0, layers);
  const byId = new Map(workers.map((worker) => [worker.peerId, worker]));
  const candidates = workers
    .filter(({ availableBytes }) => availableBytes >= needed)
    .map(({ peerId }): Candidate => {
      const stages = [wholeStage(table, peerId, 0, layers)];
      return { shape: 'replica', stages, tpotMs: predictTpotMs(model, table, stages, byId) };
    });
  const candidate = chooseCandidate(candidates, byId);
  return candidate === undefined
    ? { refused: `no worker has the ${needed} bytes that the whole model needs` }
    : { candidate };
}
