import type { SecretView } from '@rios/sdk/schema/deployment';
import { formatAgo } from './format.ts';
import { formatTable } from './table.ts';

/** By name; no value is known here. */
export function formatSecrets(secrets: readonly SecretView[], now: number): string {
  return formatTable(
    ['name', 'set', 'used by'],
    secrets.map(({ name, updatedAt, usedBy }) => [name, formatAgo(updatedAt, now), usedBy.join(' ') || '-']),
  );
}
