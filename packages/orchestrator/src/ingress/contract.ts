import type { Clock } from '@rios/sdk/clock';
import type { Log } from '@rios/sdk/log';
import type { ServerOptions } from '../gateway/server.ts';
import type { CheckAccess } from './access.ts';
import type { AppRoutes } from './app-routes.ts';
import type { AskLimits } from './ask-replica.ts';
import type { Balance } from './balance.ts';
import type { Figures } from './figures.ts';
import type { OpenTunnel } from './open-tunnel.ts';

/** How applications are served. */
export interface IngressOptions extends Pick<ServerOptions, 'host' | 'port' | 'tls' | 'headersTimeoutMs'> {
  /** Applications are at `<name>.<domain>`. */
  readonly domain: string;
  readonly balance?: Balance;
  readonly trustedProxies?: readonly string[];
  readonly limits?: Partial<AskLimits>;
  /** How long a request waits for a replica, ms. */
  readonly waitMs?: number;
  readonly idleTimeoutMs?: number;
}

export interface IngressModules {
  readonly routes: AppRoutes;
  readonly openTunnel: OpenTunnel;
  readonly checkAccess: CheckAccess;
  /** Whether an Authorization header holds a credential of this network. */
  readonly isOurs: (authorization: string) => boolean;
  readonly figures: Figures;
  readonly clock: Clock;
  readonly log: Log;
}
