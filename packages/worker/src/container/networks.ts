import { createHash } from 'node:crypto';
import { WORKER_LABEL } from '@rios/sdk/schema/container';
import type { NetworkSpec } from './engine.ts';

/** Every bridge of every RiOS worker begins so: the firewall knows them by it. */
export const BRIDGE_PREFIX = 'rios';

/** Bridges of one worker begin so: workers on one machine each guard their own. */
export const bridgePrefixOf = (worker: string) => `${BRIDGE_PREFIX}${digest(worker).slice(0, 4)}`;

/** The network of one tenant on one worker. Names of bridges have 15 characters at most. */
export function tenantNetwork(worker: string, tenant: string): NetworkSpec {
  const own = digest(`${worker}/${tenant}`);
  return {
    name: `rios-${own.slice(0, 16)}`,
    bridge: `${bridgePrefixOf(worker)}${own.slice(0, 7)}`,
    labels: { [WORKER_LABEL]: worker },
  };
}

/** The user of one tenant's containers: limits that the kernel keeps per user are then each tenant's own. */
export function tenantUid(tenant: string): number {
  return 200_000 + (Number.parseInt(digest(`uid/${tenant}`).slice(0, 8), 16) % 1_000_000_000);
}

const digest = (text: string) => createHash('sha256').update(text).digest('hex');
