import type { WorkerStatus } from '@rios/sdk/schema/worker-process';
import { formatAgo, formatBytes } from './format.ts';
import { formatFields, formatTable } from './table.ts';

/** What the worker of this machine says about itself. */
export function formatWorkerStatus(status: WorkerStatus, now: number): string {
  const { engine } = status.offer;
  const fields = formatFields([
    ['name', status.name],
    ['id', status.peerId],
    ['state', status.state],
    ['process', `${status.pid}, started ${formatAgo(status.startedAt, now)}`],
    ['network', status.networkId],
    ['orchestrator', status.orchestrator ?? '-'],
    ['addresses', status.addresses.join(' ')],
    ['engine', `${engine.runtime}, ${engine.provider}, ${engine.threads} threads`],
    ['memory lent', formatBytes(status.offer.memoryBytes)],
    ['memory free', `${formatBytes(status.freeMemoryBytes)} on this machine`],
    ['sessions', String(status.sessions)],
    ['containers', describeContainers(status.offer)],
    ['event loop p99', `${status.loopDelayP99Ms.toFixed(1)} ms`],
  ]);
  const rows = status.parts.map((part) => [
    part.partId,
    part.state,
    part.modelHash.slice(0, 12),
    part.error ?? '',
  ]);
  const parts = formatTable(['part', 'state', 'model', 'error'], rows);
  return [fields, parts, ...(status.containers.length === 0 ? [] : [containerTable(status)])].join('\n\n');
}

function describeContainers({ containers, containersReason }: WorkerStatus['offer']): string {
  if (containers === undefined) return `none: ${containersReason ?? 'this worker is too old'}`;
  const { engine, sandboxes, bases } = containers;
  return `${engine} (${sandboxes.join(', ')}), bases: ${bases.join(', ') || 'none'}`;
}

function containerTable({ containers }: WorkerStatus): string {
  const rows = containers.map(({ id, state, sandbox, cpuPercent, memoryBytes, error }) => [
    id,
    state,
    sandbox ?? '-',
    cpuPercent === null ? '-' : `${cpuPercent.toFixed(0)} %`,
    memoryBytes === null ? '-' : formatBytes(memoryBytes),
    error?.message ?? '',
  ]);
  return formatTable(['container', 'state', 'sandbox', 'cpu', 'memory', 'error'], rows);
}
