import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { systemClock } from '@rios/sdk/clock';
import { writeFileAtomic } from '@rios/sdk/config/atomic-write';
import type { Log } from '@rios/sdk/log';
import { VERSION } from '@rios/sdk/version';
import { createApi } from './app/api.ts';
import { openMoneyWatch } from './app/billing.ts';
import { createBlobDirectory, openBlobs } from './app/blobs.ts';
import { type Opened, openCore } from './app/core.ts';
import { openIngress } from './app/ingress.ts';
import { openNetwork } from './app/network.ts';
import { openSettlement } from './app/settlement.ts';
import { createUserService } from './app/users.ts';
import { createSecretBox } from './auth/secret-box.ts';
import { openChainSource } from './chain/chain-source.ts';
import { type Config, pathsOf } from './config.ts';
import { openCache, openQueue } from './engines.ts';
import { type FaultPoint, NO_FAULTS } from './fault-point.ts';
import { ensureDevCertificate } from './gateway/dev-certificate.ts';
import { checkApiHost } from './gateway/server.ts';
import { createAccounts } from './services/accounts.ts';
import { createBlobReplicator } from './services/blob-replicator.ts';
import { createAppSecrets } from './services/deployments/app-secrets.ts';
import { auditedSettings, noteConfig } from './services/note-config.ts';
import { warnOfLocalLimits } from './services/warn-of-local-limits.ts';
import { createLazyEpochs } from './settlement/lazy-epochs.ts';
import { ensureStoreId } from './store/store-id.ts';

/** What the ready line says. */
export interface Ready {
  readonly apiUrl: string;
  readonly tokenFile: string;
  readonly networkId: string;
  readonly peerId: string;
  readonly addresses: readonly string[];
  readonly dataDir: string;
  /** Of the database: what belongs to it alone is bound to it by this. */
  readonly storeId: string;
  /** Of its ingress; null when it has none. */
  readonly appsPort: number | null;
}

export interface App {
  readonly ready: Ready;
  /** Finishes open streams (10 s at most), then lets everything go. Idempotent. */
  stop(): Promise<void>;
}

/** For drills alone. */
export interface AppModules {
  /** Called at named points of work on money; by default nothing happens there. */
  readonly point?: FaultPoint;
}

const clock = systemClock;

/**
 * Starts an orchestrator on its data directory. Whatever was opened is closed again when a later step fails.
 * @throws RiosError CONFLICT_IN_USE, USER_INVALID_REQUEST, INTEGRITY_KEY_FILE
 */
export async function startApp(
  config: Config,
  log: Log,
  { point = NO_FAULTS }: AppModules = {},
): Promise<App> {
  const opened: Opened = [];
  const close = async () => {
    for (const end of opened.splice(0).reverse()) await end();
  };
  try {
    const ready = await open(config, log, opened, point);
    return { ready, stop: close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function open(config: Config, log: Log, opened: Opened, point: FaultPoint): Promise<Ready> {
  checkApiHost(config.apiHost, config.tls);
  if (config.apps !== undefined) checkApiHost(config.apps.host, config.tls, 'apps');
  const paths = pathsOf(config.dataDir);
  const chain = await openChainSource(config.chain, log);
  await createBlobDirectory(paths.blobsDir);
  const core = { ...(await openCore(config, log, opened)), chain, point };
  const storeId = await ensureStoreId(core.store, randomBytes);
  await noteConfig({ store: core.store, clock }, core.identity.peerId, auditedSettings(config, VERSION));
  const accounts = createAccounts({ store: core.store, clock, self: core.identity.peerId });
  await accounts.ensureLocal(paths.tokenFile, config.blobQuotaBytes);
  const queue = await openQueue(config.engines, core.networkKey.networkId, { ...core, clock });
  opened.push(() => queue.stop());
  let publicUrl = config.publicUrl;
  const users = await createUserService(config, { ...core, queue, publicUrl: () => publicUrl ?? '' });
  opened.push(() => users.stop());
  await users.start();
  openMoneyWatch(core, users, opened);
  const blobs = await openBlobs(paths.blobsDir, core, opened);
  const secrets = createAppSecrets({ store: core.store, clock, box: createSecretBox(core.loadMasterKeys) });
  const { network, invites } = await openNetwork(config, { ...core, blobs, secrets });
  opened.push(() => network.stop());
  await network.start();
  const replicator = createBlobReplicator({ ...core, blobs, clock, self: core.identity.peerId });
  opened.push(() => replicator.stop());
  replicator.start();
  const epochs = createLazyEpochs(
    {
      dataDir: config.dataDir,
      engines: config.engines,
      networkId: core.networkKey.networkId,
      self: core.identity.peerId,
    },
    { ...core, clock },
  );
  const settling = openSettlement(config, { ...core, epochs });
  opened.push(() => settling.settlement.stop());
  opened.push(() => epochs.stop());
  settling.settlement.start();
  const tls = config.tlsDev ? await ensureDevCertificate(paths.tlsDir, clock.now()) : config.tls;
  const cache = await openCache(config.engines, core.networkKey.networkId, clock);
  opened.push(() => cache.stop());
  if (config.engines.redis === undefined) opened.push(warnOfLocalLimits(network.directory, { clock, log }));
  const oauth = users.openOauth(() => publicUrl ?? '', log);
  const ingress = await openIngress(config, tls, { ...core, network, users }, opened);
  const api = createApi(
    { ...config, tls },
    { ...core, ...settling, cache, users, oauth, blobs, secrets, invites, network, epochs, ingress },
  );
  opened.push(() => api.stop());
  const apiUrl = await api.start();
  publicUrl ??= apiUrl;
  const addresses = network.addresses();
  await network.directory.start({ addresses, apiUrl });
  const state = { apiUrl, pid: process.pid, addresses, version: VERSION };
  await writeFileAtomic(paths.stateFile, `${JSON.stringify(state)}\n`, 0o600);
  opened.push(() => rm(paths.stateFile, { force: true }));
  const { networkId } = core.networkKey;
  const { peerId } = core.identity;
  return {
    apiUrl,
    tokenFile: paths.tokenFile,
    networkId,
    peerId,
    addresses,
    storeId,
    appsPort: ingress.port,
    dataDir: config.dataDir,
  };
}
