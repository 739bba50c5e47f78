import type { ModelView } from '@rios/sdk/schema/api';
import { formatBytes, formatCount, shortId } from './format.ts';
import { formatTable } from './table.ts';

/** One row for each model. */
export function formatModels(models: readonly ModelView[]): string {
  return formatTable(
    ['name', 'state', 'shape', 'size', 'parameters', 'hash', 'reason'],
    models.map((model) => [
      model.name,
      model.state,
      model.shape ?? '-',
      formatBytes(model.sizeBytes),
      formatCount(model.parameters),
      model.modelHash.slice(0, 12),
      model.reason,
    ]),
  );
}

/** Where a model's layers and experts are. */
export function formatPlacement(model: ModelView): string {
  const { placement } = model;
  if (placement === null) return `${model.name}: ${model.state} ${model.reason}`.trimEnd();
  const rows = placement.stages.flatMap((stage) =>
    stage.experts.map((holder) => [
      `${stage.from}-${stage.to - 1}`,
      shortId(stage.workerId),
      shortId(holder.workerId),
      String(holder.parts.length),
    ]),
  );
  const table = formatTable(['layers', 'trunk on', 'experts on', 'expert groups'], rows);
  return `${model.name}: ${placement.shape}, about ${placement.predictedTpotMs.toFixed(1)} ms per token\n\n${table}`;
}
