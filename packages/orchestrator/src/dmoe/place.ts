import type { Placement, Rejection, Shape } from '@rios/sdk/schema/route';
import { planChain } from './chain.ts';
import { chooseCandidate } from './choose.ts';
import {
  type Candidate,
  eligibleWorkers,
  type PlanInput,
  type ShapeOutcome,
  type WorkerFacts,
} from './facts.ts';
import { planIsland } from './island.ts';
import { type PartTable, tableOf } from './memory.ts';
import { requireStake } from './min-stake.ts';
import { rejectShapes, rejectWorkers } from './rejections.ts';
import { repairPlacement } from './repair.ts';
import { planReplica } from './replica.ts';
import { describeShortage, type Shortage } from './shortage.ts';
import { holdsWholeLayer } from './stage-plan.ts';

export type PlanOutcome = { readonly placement: Placement } | { readonly shortage: Shortage };

const SHAPES: readonly Shape[] = ['replica', 'chain', 'island'];

/**
 * Says which worker shall hold which parts. A placement that stands is mended, not made anew; otherwise all shapes
 * (or the one asked for) are predicted from measured facts and the fastest is taken, with the reason why every
 * other worker and shape was not. Pure, and the same whatever the order of `workers`.
 */
export function planPlacement(given: PlanInput): PlanOutcome {
  const input = requireStake(given);
  const workers = eligibleWorkers(input.workers);
  const table = tableOf(input.model);
  const repaired = repairPlacement({ input, table, workers });
  if ('candidate' in repaired) return { placement: mended(input, table, repaired.candidate) };
  const outcomes = new Map(SHAPES.map((shape) => [shape, planShape(input, table, workers, shape)]));
  const candidates = [...outcomes.values()].flatMap((found) =>
    'candidate' in found ? [found.candidate] : [],
  );
  const chosen = chooseCandidate(candidates, new Map(workers.map((worker) => [worker.peerId, worker])));
  if (chosen === undefined) return { shortage: describeShortage(input, table, workers, outcomes) };
  const rejected = [...rejectShapes(outcomes, chosen), ...rejectWorkers(input, table, chosen)];
  return { placement: toPlacement(input, chosen, rejected, reasonOf(input, chosen, candidates.length)) };
}

function planShape(
  input: PlanInput,
  table: PartTable,
  workers: readonly WorkerFacts[],
  shape: Shape,
): ShapeOutcome {
  if (input.shape !== undefined && input.shape !== shape) return { refused: `${input.shape} is asked for` };
  const spread = input.spread === true;
  const found =
    shape === 'island'
      ? planIsland(input.model, table, workers, { forced: input.shape === shape, spread })
      : (shape === 'chain' ? planChain : planReplica)(input.model, table, workers);
  if (spread && 'candidate' in found && holdsWholeLayer(table, found.candidate.stages)) {
    return { refused: 'the experts of each layer are to be spread over several workers' };
  }
  return found;
}

function mended(input: PlanInput, table: PartTable, candidate: Candidate): Placement {
  const { current } = input;
  if (current !== undefined && JSON.stringify(current.stages) === JSON.stringify(candidate.stages))
    return current;
  const reason = `the ${candidate.shape} of before, with only the lost parts moved; ${predicted(candidate)}`;
  const outcomes = new Map<Shape, ShapeOutcome>(
    SHAPES.filter((shape) => shape !== candidate.shape).map((shape) => [
      shape,
      { refused: `the ${candidate.shape} stands; a change of shape would move parts that are not lost` },
    ]),
  );
  const rejected = [...rejectShapes(outcomes, candidate), ...rejectWorkers(input, table, candidate)];
  return toPlacement(input, candidate, rejected, reason);
}

function reasonOf(input: PlanInput, chosen: Candidate, candidates: number): string {
  if (input.shape !== undefined) return `${input.shape} was asked for; ${predicted(chosen)}`;
  const why = candidates > 1 ? `the fastest of ${candidates} shapes that fit` : 'the only shape that fits';
  return `${why}; ${predicted(chosen)}`;
}

const predicted = ({ tpotMs }: Candidate): string => `predicted ${tpotMs.toFixed(2)} ms per token`;

function toPlacement(
  { model }: PlanInput,
  { shape, stages, tpotMs }: Candidate,
  rejected: readonly Rejection[],
  reason: string,
): Placement {
  return {
    modelHash: model.modelHash,
    shape,
    stages: [...stages],
    predictedTpotMs: Math.round(tpotMs * 1000) / 1000,
    reason,
    rejected: rejected.slice(0, 1024),
  };
}
