import type { DeviceRequest, OauthClientView } from '@rios/sdk/schema/oauth';
import { formatAgo, formatDuration } from './format.ts';
import { formatFields, formatTable } from './table.ts';

/** Registered programs, never their secrets. */
export function formatPrograms(programs: readonly OauthClientView[], now: number): string {
  const left = ({ state, expiresAt }: OauthClientView) =>
    state === 'valid' ? formatDuration(Math.max(0, expiresAt - now)) : '-';
  return formatTable(
    ['client id', 'name', 'kind', 'state', 'scopes', 'ends in', 'last used'],
    programs.map((program) => [
      program.id,
      program.name,
      program.kind,
      program.state,
      program.scopes.join(' '),
      left(program),
      formatAgo(program.lastUsedAt, now),
    ]),
  );
}

/** A device that waits to be let in. */
export function formatDevice(device: DeviceRequest): string {
  return formatFields([
    ['device', device.clientName],
    ['asked from', device.address],
    ['may do', device.scopes.join(' ')],
  ]);
}
