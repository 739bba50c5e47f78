import type { Rejection, Shape } from '@rios/sdk/schema/route';
import { type Candidate, compareText, type PlanInput, type ShapeOutcome, type WorkerFacts } from './facts.ts';
import { type PartTable, stageBytes } from './memory.ts';
import { planReplica } from './replica.ts';

const SUBJECT_CHARS = 128;
const REASON_CHARS = 500;

/** Why each shape but the chosen one was not taken. */
export function rejectShapes(outcomes: ReadonlyMap<Shape, ShapeOutcome>, chosen: Candidate): Rejection[] {
  return [...outcomes]
    .filter(([shape]) => shape !== chosen.shape)
    .map(([shape, outcome]) => {
      const reason =
        'refused' in outcome
          ? outcome.refused
          : `predicted ${outcome.candidate.tpotMs.toFixed(2)} ms per token, against ${chosen.tpotMs.toFixed(2)}`;
      return rejection(`shape ${shape}`, reason);
    });
}

/** Why each worker that got nothing was not used. */
export function rejectWorkers(input: PlanInput, table: PartTable, chosen: Candidate): Rejection[] {
  const used = new Set(
    chosen.stages.flatMap(({ workerId, experts }) => [workerId, ...experts.map((held) => held.workerId)]),
  );
  return input.workers
    .filter(({ peerId }) => !used.has(peerId))
    .toSorted((a, b) => compareText(a.peerId, b.peerId))
    .map((worker) =>
      rejection(
        `${worker.name} ${worker.peerId}`,
        unusable(worker) ?? unneeded(input, table, worker, chosen),
      ),
    );
}

/** Why a worker cannot be considered at all; null when it can. */
export function unusable({ state, reason, excluded }: WorkerFacts): string | null {
  if (state !== 'listed') return reason === '' ? state : `${state}: ${reason}`;
  return excluded;
}

function unneeded({ model }: PlanInput, table: PartTable, worker: WorkerFacts, chosen: Candidate): string {
  const alone = planReplica(model, table, [worker]);
  if ('candidate' in alone) {
    return `not needed: alone it would take ${alone.candidate.tpotMs.toFixed(2)} ms per token`;
  }
  const short = stageBytes(table, 0, model.dims.layers) - worker.availableBytes;
  return `not needed by the ${chosen.shape}: it is ${short} bytes short of the whole model`;
}

const rejection = (subject: string, reason: string): Rejection => ({
  subject: subject.slice(0, SUBJECT_CHARS),
  reason: reason.slice(0, REASON_CHARS),
});
