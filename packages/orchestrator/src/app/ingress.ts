import { systemClock } from '@rios/sdk/clock';
import { mayAccess } from '../auth/ownership.ts';
import type { Config } from '../config.ts';
import type { TlsFiles } from '../gateway/tls.ts';
import type { DeploymentModules } from '../services/deployments/deployments-port.ts';
import type { Network } from '../services/network-port.ts';
import { issuerOf, type Users } from '../services/users/users.ts';
import type { Core, Opened } from './core.ts';

/** What others know of the ingress of this orchestrator. */
export interface Ingress extends Pick<DeploymentModules, 'trafficOf' | 'urlOf'> {
  /** Null when none runs here. */
  readonly port: number | null;
}

const NO_INGRESS: Ingress = { port: null, trafficOf: () => undefined, urlOf: () => '' };

/** Figures are of the last minute. */
const WINDOW_MS = 60_000;

/** Where peers come in, workers may also bring the bytes of their containers. */
const hostOf = (listen: readonly string[]): string =>
  /^\/ip[46]\/([^/]+)/.exec(listen[0] ?? '')?.[1] ?? '0.0.0.0';

/** Serves applications where `--apps-port` says, or nowhere: then nothing of it is loaded. */
export async function openIngress(
  { apps, tunnelPort, listen, trustedProxies }: Config,
  tls: TlsFiles | undefined,
  core: Core & { readonly network: Network; readonly users: Users },
  opened: Opened,
): Promise<Ingress> {
  if (apps === undefined) return NO_INGRESS;
  const { store, log, network, users, networkKey } = core;
  const { createIngress } = await import('../ingress/create-ingress.ts');
  const { createAccess } = await import('../ingress/access.ts');
  const { createOwnCredentials } = await import('../ingress/visitor-token.ts');
  const { urlOfApp } = await import('../ingress/app-host.ts');
  const { createDirectTunnels } = await import('../ingress/direct-tunnels.ts');
  const { createTunnels } = await import('../ingress/open-tunnel.ts');
  const { appRoutes: routes, figures, openTunnelStream: openStream } = network;
  const direct = createDirectTunnels({ host: hostOf(listen), port: tunnelPort }, { log });
  opened.push(() => direct.stop());
  await direct.start();
  const openTunnel = createTunnels({ openStream, direct });
  const mayRead = (caller: Parameters<typeof mayAccess>[1], accountId: string) =>
    mayAccess(store, caller, accountId, 'read');
  const server = createIngress(
    { ...apps, tls, trustedProxies },
    {
      ...{ routes, figures, openTunnel, clock: systemClock, log },
      checkAccess: createAccess({ findCaller: users.authenticate, mayRead }),
      isOurs: createOwnCredentials(issuerOf(networkKey.networkId)),
    },
  );
  opened.push(() => server.stop());
  const origin = new URL(await server.start());
  return {
    port: Number(origin.port || (tls === undefined ? 80 : 443)),
    trafficOf: (deploymentId) => figures.read(deploymentId, WINDOW_MS),
    urlOf: (name) => urlOfApp(name, apps.domain, origin),
  };
}
