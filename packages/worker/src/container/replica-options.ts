import type { DesiredReplica } from '@rios/sdk/schema/container';
import { REPLICA_LABEL, WORKER_LABEL } from '@rios/sdk/schema/container';
import type { ContainerSpec } from './engine.ts';
import { tenantNetwork, tenantUid } from './networks.ts';
import type { PreparedSource } from './sources.ts';

/** With REPLICA_LABEL, it says which wish a container came from. */
export const ATTEMPT_LABEL = 'net.rios.attempt';

/** The container of one wish. Its first declared port is in PORT unless the release sets it; HOME is writable. */
export function replicaSpec(
  worker: string,
  desired: DesiredReplica,
  source: PreparedSource,
  env: Readonly<Record<string, string>>,
): ContainerSpec {
  const { id, attempt, ports } = desired;
  return {
    name: `rios-${id}-${attempt}`,
    labels: { [WORKER_LABEL]: worker, [REPLICA_LABEL]: id, [ATTEMPT_LABEL]: String(attempt) },
    ...source,
    run: desired.run,
    env: { HOME: '/tmp', ...(ports[0] === undefined ? {} : { PORT: String(ports[0]) }), ...env },
    uid: tenantUid(desired.tenant),
    ports,
    network: hasNetwork(desired) ? tenantNetwork(worker, desired.tenant).name : undefined,
    resources: desired.resources,
    sandbox: desired.sandbox,
  };
}

/** None at all unless a port is declared, or it may reach something. */
export const hasNetwork = ({ ports, egress }: DesiredReplica) => ports.length > 0 || egress.length > 0;
