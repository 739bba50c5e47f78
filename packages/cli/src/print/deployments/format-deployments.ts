import { formatRos } from '@rios/sdk/chain/amounts';
import type { DeploymentView, ReplicaView } from '@rios/sdk/schema/deployment';
import type { DeploymentStatus } from '@rios/sdk/schema/deployment-results';
import { formatAgo, formatBytes, shorten, shortId } from '../format.ts';
import { formatFields, formatTable } from '../table.ts';
import { formatSpec } from './format-spec.ts';

const releaseOf = ({ activeRelease, latestRelease }: DeploymentStatus): string =>
  activeRelease === latestRelease
    ? String(latestRelease)
    : `${activeRelease ?? '-'} (latest: ${latestRelease})`;

/** One row for each. */
export function formatDeployments(deployments: readonly DeploymentView[], now: number): string {
  return formatTable(
    ['name', 'state', 'healthy', 'release', 'updated', 'address', 'reason'],
    deployments.map((view) => [
      view.name,
      view.state,
      `${view.healthy} of ${view.wanted}`,
      releaseOf(view),
      formatAgo(view.updatedAt, now),
      view.url,
      shorten(view.reason),
    ]),
  );
}

/** How one stands: what a person looks at first. */
export function formatDeploymentStatus(view: DeploymentStatus, now: number): string {
  const fields = formatFields([
    ['name', view.name],
    ['state', view.reason === '' ? view.state : `${view.state}: ${view.reason}`],
    ['healthy', `${view.healthy} of ${view.wanted}`],
    ['release', releaseOf(view)],
    ['address', view.url],
    ['updated', formatAgo(view.updatedAt, now)],
  ]);
  return view.replicas.length === 0 ? fields : `${fields}\n\n${formatReplicas(view.replicas, now)}`;
}

/** Everything about one: how it stands, its wish, its replicas. */
export function formatDeployment(view: DeploymentView, now: number): string {
  const stands = formatFields([
    ['name', view.name],
    ['id', view.id],
    ['state', view.reason === '' ? view.state : `${view.state}: ${view.reason}`],
    ['healthy', `${view.healthy} of ${view.wanted}`],
    ['release', releaseOf(view)],
    ['address', view.url],
    ['created', formatAgo(view.createdAt, now)],
    ['updated', formatAgo(view.updatedAt, now)],
  ]);
  return [stands, formatSpec(view.spec), formatReplicas(view.replicas, now)].join('\n\n');
}

/** '50 % cpu, 20.0 MiB' */
const uses = ({ cpuPercent, memoryBytes }: ReplicaView): string =>
  [
    ...(cpuPercent === null ? [] : [`${cpuPercent.toFixed(0)} % cpu`]),
    ...(memoryBytes === null ? [] : [formatBytes(memoryBytes)]),
  ].join(', ') || '-';

/** One row for each container. */
function formatReplicas(replicas: readonly ReplicaView[], now: number): string {
  return formatTable(
    ['replica', 'release', 'state', 'worker', 'sandbox', 'uses', 'restarts', 'started', 'an hour', 'reason'],
    replicas.map((one) => [
      one.id,
      String(one.release),
      one.state,
      one.workerName ?? (one.worker === null ? '-' : shortId(one.worker)),
      one.sandbox ?? '-',
      uses(one),
      String(one.restarts),
      one.startedAt === null ? '-' : formatAgo(one.startedAt, now),
      formatRos(BigInt(one.priceWei), { unit: true }),
      one.retryAt === null
        ? shorten(one.reason)
        : `${shorten(one.reason)} (again in ${seconds(one.retryAt - now)})`,
    ]),
  );
}

const seconds = (ms: number): string => `${Math.max(0, Math.ceil(ms / 1000))} s`;
