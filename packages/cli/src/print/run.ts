import type { RunReport } from '@rios/sdk/schema/cli-results';
import { formatDuration } from './format.ts';

/** One line about how an answer was made. */
export function formatRunSummary(report: RunReport): string {
  const workers = `${report.workers.length} worker${report.workers.length === 1 ? '' : 's'}`;
  return [
    `${report.usage.completionTokens} tokens`,
    `${report.tokensPerSecond.toFixed(1)} tokens/s`,
    `first after ${formatDuration(report.ttftMs)}`,
    `${report.shape} on ${workers}`,
    report.requestId,
  ].join(', ');
}
