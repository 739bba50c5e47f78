import { randomBytes } from 'node:crypto';
import { systemClock } from '@rios/sdk/clock';
import { parseManifest } from '@rios/sdk/model/bundle';
import { VERSION } from '@rios/sdk/version';
import { checkModelChange } from '../auth/ownership.ts';
import type { Vouchers } from '../billing/vouchers.ts';
import type { Cache } from '../cache/cache.ts';
import type { ChainSource } from '../chain/chain-source.ts';
import type { Config } from '../config.ts';
import { createGateway } from '../gateway/create-gateway.ts';
import { createEndpoints } from '../gateway/endpoints.ts';
import type { ApiServer } from '../gateway/server.ts';
import { createSummaryReader } from '../loop/observe.ts';
import { createOpenaiEndpoints } from '../openai/openai-endpoints.ts';
import { type BillingEndpoints, createBillingEndpoints } from '../services/billing-endpoints.ts';
import { createBillingViews } from '../services/billing-views.ts';
import type { Blobs } from '../services/blobs.ts';
import type { AppSecrets } from '../services/deployments/app-secrets.ts';
import {
  createDeploymentEndpoints,
  type DeploymentEndpoints,
} from '../services/deployments/deployment-endpoints.ts';
import { createEarnings } from '../services/earnings.ts';
import type { Invites } from '../services/invites.ts';
import { createModels } from '../services/models.ts';
import type { Network } from '../services/network-port.ts';
import type { OauthServer } from '../services/oauth/oauth-server.ts';
import { createQuotes } from '../services/quotes.ts';
import { createRequests } from '../services/requests.ts';
import { readStatus } from '../services/status.ts';
import type { Users } from '../services/users/users.ts';
import type { Epochs } from '../settlement/epochs-port.ts';
import type { Settlement } from '../settlement/settlement-loop.ts';
import type { Core } from './core.ts';
import type { Ingress } from './ingress.ts';

const clock = systemClock;

/** The gateway over all services. */
export function createApi(
  config: Config,
  core: Core & {
    chain: ChainSource;
    blobs: Blobs;
    secrets: AppSecrets;
    cache: Cache;
    users: Users;
    oauth: OauthServer;
    invites: Invites;
    network: Network;
    ingress: Ingress;
    epochs: Epochs;
    vouchers: Vouchers;
    settlement: Settlement;
  },
): ApiServer {
  const { store, cache, log, users, oauth, blobs, invites, network } = core;
  const facts = {
    networkId: core.networkKey.networkId,
    peerId: core.identity.peerId,
    version: VERSION,
    startedAt: clock.now(),
  };
  const { evaluationKey, wake, workers, addresses, directory } = network;
  const models = createModels({ store, blobs, clock, parseManifest, evaluationKey, wake });
  const status = () =>
    readStatus(facts, {
      store,
      models,
      listWorkers: () => workers.list(),
      addresses,
      orchestrators: directory.list,
    });
  const openai = createOpenaiEndpoints({
    inference: network.inference,
    clock,
    randomSeed: () => randomBytes(4).readUInt32LE(),
  });
  const requests = createRequests({ store });
  const endpoints = createEndpoints(
    {
      accounts: users.endpoints,
      billing: createBilling(core),
      deployments: createDeployments(core),
      checkModelChange: (caller, name) => checkModelChange(store, caller, name),
      blobs,
      invites,
      models,
      requests,
      workers,
      earnings: createEarnings({ store }),
      walletBindings: network.walletBindings,
      status,
      epochs: core.epochs,
      vouchers: core.vouchers,
      settlement: core.settlement,
      chain: core.chain.describe,
    },
    openai,
  );
  const { tls, rate, trustedProxies, publicUrl } = config;
  return createGateway(
    { host: config.apiHost, port: config.apiPort, tls, rate, trustedProxies, publicUrl },
    {
      endpoints,
      findCaller: users.authenticate,
      store,
      cache,
      clock,
      log,
      oauth,
      self: core.identity.peerId,
    },
  );
}

/** What accounts pay, as endpoints. */
function createBilling(core: Core & { network: Network }): BillingEndpoints {
  const { store, network, networkKey } = core;
  const { certificate, workers } = network;
  const readSummary = createSummaryReader(store, parseManifest);
  const listWorkers = () => workers.list();
  return createBillingEndpoints({
    store,
    clock,
    views: createBillingViews({ store, clock, networkId: networkKey.networkId }),
    quotes: createQuotes({ ...core, clock, certificate, readSummary, listWorkers }),
  });
}

/** Applications, as endpoints. */
function createDeployments(
  core: Core & { blobs: Blobs; secrets: AppSecrets; network: Network; ingress: Ingress },
): DeploymentEndpoints {
  const { store, blobs, secrets, network, ingress } = core;
  const { openApp, wake } = network;
  return createDeploymentEndpoints({ store, clock, blobs, secrets, openApp, wake, ...ingress });
}
