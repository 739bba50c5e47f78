import type { DeploymentMetrics } from '@rios/sdk/schema/deployment';
import { formatBytes, formatDuration, formatShare } from '../format.ts';
import { formatFields, formatTable } from '../table.ts';

/** Requests of the last minute, and what each container uses. */
export function formatMetrics(metrics: DeploymentMetrics): string {
  const { requests, errors, inFlight, waiting, p50Ms, p95Ms, replicas } = metrics;
  const share = requests === 0 ? '' : ` (${formatShare(errors / requests)})`;
  const fields = formatFields([
    ['requests', `${requests} in the last minute, ${(requests / 60).toFixed(1)} a second`],
    ['errors', `${errors}${share}`],
    ['in flight', `${inFlight}, ${waiting} waiting`],
    ['p50', requests === 0 ? '-' : formatDuration(p50Ms)],
    ['p95', requests === 0 ? '-' : formatDuration(p95Ms)],
  ]);
  const rows = replicas.map(({ id, cpuPercent, memoryBytes }) => [
    id,
    cpuPercent === null ? '-' : `${cpuPercent.toFixed(1)} %`,
    memoryBytes === null ? '-' : formatBytes(memoryBytes),
  ]);
  return `${fields}\n\n${formatTable(['replica', 'cpu', 'memory'], rows)}`;
}
