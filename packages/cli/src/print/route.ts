import type { RouteExplanation } from '@rios/sdk/schema/api';
import { formatDuration, formatShare, shortId } from './format.ts';
import { formatFields, formatTable } from './table.ts';

type Share = RouteExplanation['shares'][number];

/** 'layer 0: 1 3 5' for each layer, joined. */
function describeExperts(share: Share): string {
  const layers = new Map<number, number[]>();
  for (const { layer, expert, rows } of share.experts) {
    if (rows > 0) layers.set(layer, [...(layers.get(layer) ?? []), expert]);
  }
  return [...layers]
    .sort(([a], [b]) => a - b)
    .map(([layer, experts]) => `${layer}:${experts.sort((a, b) => a - b).join(',')}`)
    .join(' ');
}

function shareTable(shares: readonly Share[]): string {
  return formatTable(
    [
      'worker',
      'id',
      'layers',
      'expert rows',
      'calls',
      'expert calls',
      'hop p50',
      'hop p95',
      'busy',
      'experts by layer',
    ],
    shares.map((share) => [
      share.name,
      shortId(share.workerId),
      share.stages.map(([from, to]) => `${from}-${to - 1}`).join(' ') || '-',
      formatShare(share.expertShare),
      String(share.calls),
      String(share.expertCalls),
      formatDuration(share.hopMsP50),
      formatDuration(share.hopMsP95),
      formatDuration(share.busyMs),
      describeExperts(share),
    ]),
  );
}

/** Who computed what for a request, and why this plan and not the others. */
export function formatRoute(route: RouteExplanation): string {
  const fields = formatFields([
    ['request', route.requestId],
    ['model', route.model],
    ['state', route.error === null ? route.state : `${route.state}: ${route.error}`],
    ['shape', route.shape],
    ['why', route.reason],
    [
      'tokens',
      route.usage === null ? '-' : `${route.usage.promptTokens} in, ${route.usage.completionTokens} out`,
    ],
    ['first token', route.ttftMs === null ? '-' : formatDuration(route.ttftMs)],
    ['total', route.totalMs === null ? '-' : formatDuration(route.totalMs)],
  ]);
  const rejected = route.rejected.map(({ subject, reason }) => [subject, reason]);
  const others = rejected.length === 0 ? '' : `\n\nNot chosen:\n${formatTable(['what', 'why'], rejected)}`;
  return `${fields}\n\n${shareTable(route.shares)}${others}`;
}
