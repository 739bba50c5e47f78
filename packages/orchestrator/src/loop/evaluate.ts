import { compareText } from '../dmoe/facts.ts';
import { partsByWorker, reservedBytes } from '../dmoe/reserved.ts';
import { assignModels } from './assign-models.ts';
import { describeChange } from './describe-change.ts';
import { evaluateModel } from './evaluate-model.ts';
import type {
  DesiredModel,
  EvaluationPlan,
  Exclusion,
  ModelOutcome,
  ObservedWorker,
  Situation,
} from './observed.ts';

/**
 * Compares what is wished with what is observed, and says what to do: where parts go, what becomes of each model,
 * what each worker shall hold, what happened. Pure; models keep their memory in the order of their age.
 */
export function evaluate(situation: Situation): EvaluationPlan {
  const models = situation.models.toSorted(
    (a, b) => a.createdAt - b.createdAt || compareText(a.summary.name, b.summary.name),
  );
  const found = models.flatMap((model) => failedParts(model, situation.workers));
  const exclusions = [...situation.exclusions, ...found];
  const reserved = new Map(
    models.map((model) => [model.summary.name, reservationsOf(model, model.placement)]),
  );
  const outcomes: ModelOutcome[] = [];
  for (const model of models) {
    reserved.delete(model.summary.name);
    const outcome = evaluateModel(model, situation.workers, exclusions, sumOf([...reserved.values()]));
    reserved.set(model.summary.name, reservationsOf(model, outcome.placement));
    outcomes.push(outcome);
  }
  const byName = new Map(outcomes.map((outcome) => [outcome.name, outcome]));
  return {
    models: outcomes,
    assignments: assignModels(models, byName, situation.workers),
    events: models.flatMap((model) =>
      describeChange(model, byName.get(model.summary.name), situation.workers),
    ),
    exclusions: found,
  };
}

/** Workers where a part that the model's placement wants there has failed. */
function failedParts({ summary, placement }: DesiredModel, workers: readonly ObservedWorker[]): Exclusion[] {
  if (placement === null) return [];
  const wanted = partsByWorker(summary, placement);
  return workers.flatMap(({ peerId, parts, upToDate }) => {
    const here = new Set(wanted.get(peerId));
    const failed = parts.find(
      (part) => part.modelHash === summary.modelHash && part.state === 'failed' && here.has(part.partId),
    );
    if (!upToDate || failed === undefined) return [];
    const reason = `${failed.partId} failed there: ${failed.error ?? 'no reason given'}`;
    return [{ modelHash: summary.modelHash, workerId: peerId, reason }];
  });
}

const reservationsOf = (model: DesiredModel, placement: DesiredModel['placement']): Map<string, number> =>
  placement === null || !model.wanted ? new Map() : reservedBytes(model.summary, placement);

function sumOf(maps: readonly ReadonlyMap<string, number>[]): Map<string, number> {
  const sum = new Map<string, number>();
  for (const map of maps) {
    for (const [key, value] of map) sum.set(key, (sum.get(key) ?? 0) + value);
  }
  return sum;
}
