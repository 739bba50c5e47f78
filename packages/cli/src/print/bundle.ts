import type { BundleReport } from '@rios/sdk/model/inspect';
import { formatBytes, formatCount } from './format.ts';
import { formatFields, formatTable } from './table.ts';

/** A bundle's facts, and one row for each part with the memory that it needs. */
export function formatBundle(report: BundleReport): string {
  const { dims, router } = report;
  const fields = formatFields([
    ['model', report.name],
    ['hash', report.modelHash],
    ['type', `${report.modelType}, ${report.format}, by ${report.mode}, ${report.dtype}`],
    ['layers', `${dims.layers}, hidden ${dims.hidden}, context ${dims.context}, vocabulary ${dims.vocab}`],
    ['experts', `${dims.experts} a layer, top ${router.topK} chosen, groups of ${report.groupSize}`],
    ['parameters', formatCount(report.parameters)],
    ['size', `${formatBytes(report.sizeBytes)} in ${report.files} files`],
    ['memory for all', formatBytes(report.memoryBytes)],
  ]);
  const rows = report.parts.map((part) => [
    part.id,
    part.experts === undefined ? '-' : part.experts.join(','),
    formatCount(part.parameters),
    formatBytes(part.sizeBytes),
    formatBytes(part.memoryBytes),
  ]);
  return `${fields}\n\n${formatTable(['part', 'experts', 'parameters', 'size', 'memory'], rows)}`;
}
