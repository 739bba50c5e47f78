import type { StatusView } from '@rios/sdk/schema/api';
import { formatAgo, formatBytes, formatDuration } from './format.ts';
import { formatModels } from './models.ts';
import { formatFields, formatTable } from './table.ts';
import { formatWorkers } from './workers.ts';

const MAX_EVENTS = 15;

/** The whole network on one page. */
export function formatStatus(status: StatusView, now: number): string {
  const { running, succeeded, failed } = status.requests;
  const events = status.events
    .slice(0, MAX_EVENTS)
    .map((event) => [formatAgo(event.at, now), event.kind, event.subject, event.message]);
  return [
    formatFields([
      ['network', status.networkId],
      ['orchestrator', `${status.orchestrator} ${status.version}`],
      ...otherOrchestrators(status),
      ['up', formatDuration(Math.max(0, now - status.startedAt))],
      ['memory', formatBytes(status.rssBytes)],
      ['requests', `${running} running, ${succeeded} succeeded, ${failed} failed`],
    ]),
    formatWorkers(status.workers, now),
    formatModels(status.models),
    formatTable(['when', 'event', 'subject', 'message'], events),
  ].join('\n\n');
}

/** Those beside the one that answers; none for most networks. */
function otherOrchestrators({ orchestrator, orchestrators }: StatusView): [string, string][] {
  return orchestrators
    .filter(({ peerId }) => peerId !== orchestrator)
    .map(({ peerId, version, apiUrl }) => ['also', `${peerId} ${version} ${apiUrl ?? 'starting'}`]);
}
