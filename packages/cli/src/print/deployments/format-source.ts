import type { AppHealth, AppSource } from '@rios/sdk/schema/app';
import { formatBytes, formatDuration } from '../format.ts';

/** What a container is made of, in one line. */
export function formatSource(source: AppSource): string {
  switch (source.kind) {
    case 'folder':
      return `folder ${source.file.sha256.slice(0, 12)} (${formatBytes(source.file.sizeBytes)}) in ${source.base}`;
    case 'image':
      return source.image;
    case 'archive':
      return `archive ${source.file.sha256.slice(0, 12)} (${formatBytes(source.file.sizeBytes)}), signed`;
  }
}

/** How it is found to be healthy, in one line. */
export function formatHealth(health: AppHealth): string {
  switch (health.kind) {
    case 'none':
      return 'none: healthy while it runs';
    case 'http':
      return `GET ${health.path} on port ${health.port}, ${probeTimes(health)}`;
    case 'tcp':
      return `connects to port ${health.port}, ${probeTimes(health)}`;
    case 'exec':
      return `${health.command.join(' ')}, ${probeTimes(health)}`;
  }
}

const probeTimes = ({ intervalMs, graceMs, threshold }: Exclude<AppHealth, { kind: 'none' }>): string =>
  `every ${formatDuration(intervalMs)}, grace ${formatDuration(graceMs)}, fails after ${threshold}`;
