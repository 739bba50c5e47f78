import { formatRos } from '@rios/sdk/chain/amounts';
import type { WorkerView } from '@rios/sdk/schema/api';
import { formatAgo, formatBytes } from './format.ts';
import { formatFields, formatTable } from './table.ts';

/** 'ready 5 of 6' */
function describeParts(worker: WorkerView): string {
  const ready = worker.parts.filter((part) => part.state === 'ready').length;
  return `${ready} of ${worker.parts.length}`;
}

/** One row for each worker. */
export function formatWorkers(workers: readonly WorkerView[], now: number): string {
  return formatTable(
    ['name', 'state', 'parts ready', 'free memory', 'engine', 'stake', 'last seen', 'id', 'reason'],
    workers.map((worker) => [
      worker.offer?.name ?? '-',
      worker.state,
      describeParts(worker),
      formatBytes(worker.freeMemoryBytes),
      worker.offer?.engine.provider ?? '-',
      formatStake(worker, now),
      formatAgo(worker.lastSeenAt, now),
      worker.id,
      worker.reason,
    ]),
  );
}

/** A stake that has not been read for so long is shown with its age. */
const STALE_MS = 60_000;

/** '5 ROS', '5 ROS 3m ago' when the chain has not said so lately, '-' when nothing is known. */
function formatStake({ stakeWei, stakeReadAt }: WorkerView, now: number): string {
  if (stakeWei === null || stakeReadAt === null) return '-';
  const text = formatRos(BigInt(stakeWei), { unit: true });
  return now - stakeReadAt < STALE_MS ? text : `${text} ${formatAgo(stakeReadAt, now)}`;
}

/** The wallet, and until when the worker is bound to it. */
function describeWallet({ wallet }: WorkerView): string {
  if (wallet === null) return '-';
  return `${wallet.address} until ${new Date(wallet.expiresAt).toISOString()}`;
}

function offerFields(offer: NonNullable<WorkerView['offer']>): [string, string][] {
  return [
    ['region', offer.region === '' ? '-' : offer.region],
    [
      'labels',
      Object.entries(offer.labels)
        .map(([key, value]) => `${key}=${value}`)
        .join(' ') || '-',
    ],
    ['engine', `${offer.engine.runtime}, ${offer.engine.provider}, ${offer.engine.threads} threads`],
    ['numeric class', offer.engine.numericClass],
    ['machine', `${offer.cores} cores, ${offer.isa}`],
    ['memory lent', formatBytes(offer.memoryBytes)],
    ['expert call', `${offer.expertMs.toFixed(2)} ms`],
    ['ask price', `${offer.price} wei of ROS per 1,000,000 units`],
    ['containers', describeContainers(offer)],
  ];
}

/** 'podman 4.3.1: standard, gvisor; rios/node', or why it takes none. */
function describeContainers({ containers, containersReason }: NonNullable<WorkerView['offer']>): string {
  if (containers === undefined) return containersReason === undefined ? 'none' : `none: ${containersReason}`;
  const { engine, sandboxes, bases } = containers;
  return `${engine}: ${sandboxes.join(', ')}; ${bases.join(', ') || 'no base image'}`;
}

/** Everything about one worker. */
export function formatWorker(worker: WorkerView, now: number): string {
  const fields = formatFields([
    ['name', worker.offer?.name ?? '-'],
    ['id', worker.id],
    ['state', `${worker.state} ${worker.reason}`.trimEnd()],
    ['last seen', formatAgo(worker.lastSeenAt, now)],
    ['joined', formatAgo(worker.joinedAt, now)],
    ['addresses', worker.addresses.join(' ')],
    ['memory free', formatBytes(worker.freeMemoryBytes)],
    ['wallet', describeWallet(worker)],
    ['stake', formatStake(worker, now)],
    ['event loop p99', `${worker.loopDelayP99Ms.toFixed(1)} ms`],
    ...(worker.offer === null ? [] : offerFields(worker.offer)),
  ]);
  const rows = worker.parts.map((part) => [
    part.partId,
    part.state,
    part.modelHash.slice(0, 12),
    part.error ?? '',
  ]);
  return `${fields}\n\n${formatTable(['part', 'state', 'model', 'error'], rows)}`;
}
