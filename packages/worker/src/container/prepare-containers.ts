import { hasCode, toRiosError } from '@rios/sdk/errors/error';
import type { Log } from '@rios/sdk/log';
import type { ContainerOffer } from '@rios/sdk/schema/container';
import { containerOffer } from './container-offer.ts';
import type { EngineHosts } from './engine-hosts.ts';
import { type Engines, findEngines } from './find-engines.ts';
import { createFirewall, type Firewall } from './firewall.ts';

/** What a worker that lends containers has before it opens anything to the network. */
export interface PreparedContainers {
  readonly engines: Engines;
  readonly firewall: Firewall;
  readonly offer: ContainerOffer;
}

/** Why a worker lends no containers. */
export interface NoContainers {
  readonly reason: string;
}

const MAX_REASON = 300;

/**
 * Finds the engine, proves its classes, and closes the firewall. Without any of them the worker lends no containers
 * and says why. Throws DEPLOY_ENGINE only when the operator named an engine that cannot be used.
 */
export async function prepareContainers(
  hosts: EngineHosts,
  lends: { readonly worker: string; readonly memoryBytes: number },
  log: Log,
): Promise<PreparedContainers | NoContainers> {
  if (hosts.candidates.length === 0) return { reason: 'no container engine was found on this machine' };
  const firewall = createFirewall(lends.worker);
  try {
    const [engines] = await Promise.all([findEngines(hosts, lends.worker, log), firewall.apply([])]);
    return { engines, firewall, offer: await containerOffer(engines, lends.memoryBytes) };
  } catch (error) {
    if (hosts.isNamed && !hasCode(error, 'DEPLOY_ENGINE')) throw error;
    const { message } = toRiosError(error);
    log.warn('this worker lends no containers', { reason: message });
    return { reason: message.slice(0, MAX_REASON) };
  }
}
