import { randomBytes } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { systemClock } from '@rios/sdk/clock';
import { writeFileAtomic } from '@rios/sdk/config/atomic-write';
import { lockDirectory } from '@rios/sdk/config/directory-lock';
import { type Identity, loadOrCreateIdentity } from '@rios/sdk/crypto/identity';
import { loadOrCreateNetworkKey, type NetworkKey } from '@rios/sdk/crypto/network';
import { freeDiskBytes } from '@rios/sdk/disk';
import { RiosError } from '@rios/sdk/errors/error';
import type { Log } from '@rios/sdk/log';
import { parseManifest } from '@rios/sdk/model/bundle';
import { VERSION } from '@rios/sdk/version';
import { NO_OUTSIDE_LOGINS, type OutsideLogins, openProviders } from './auth/outside/open-providers.ts';
import { checkModelChange } from './auth/ownership.ts';
import type { Cache } from './cache/cache.ts';
import { type Config, pathsOf } from './config.ts';
import { loadMasterKeys } from './crypto/master-keys.ts';
import { openCache, openStore as openStoreEngine } from './engines.ts';
import { createGateway } from './gateway/create-gateway.ts';
import { ensureDevCertificate } from './gateway/dev-certificate.ts';
import { createEndpoints } from './gateway/endpoints.ts';
import { type ApiServer, checkApiHost } from './gateway/server.ts';
import { createNetwork } from './network.ts';
import { createOpenaiEndpoints } from './openai/openai-endpoints.ts';
import { createAccounts } from './services/accounts.ts';
import { createBlobFiles } from './services/blob-files.ts';
import { type Blobs, createBlobs } from './services/blobs.ts';
import { createInvites, type Invites } from './services/invites.ts';
import { createModels } from './services/models.ts';
import type { Network } from './services/network-port.ts';
import type { OauthServer } from './services/oauth/oauth-server.ts';
import { repeat } from './services/repeat.ts';
import { createRequests } from './services/requests.ts';
import { readStatus } from './services/status.ts';
import { openUsers } from './services/users/open-users.ts';
import type { Users } from './services/users/users.ts';
import { getNetworkFact, putNetworkFact } from './store/network.ts';
import { failRunningRequests } from './store/requests.ts';
import type { Store } from './store/store.ts';

/** What the ready line says. */
export interface Ready {
  readonly apiUrl: string;
  readonly tokenFile: string;
  readonly networkId: string;
  readonly peerId: string;
  readonly addresses: readonly string[];
  readonly dataDir: string;
}

export interface App {
  readonly ready: Ready;
  /** Finishes open streams (10 s at most), then lets everything go. Idempotent. */
  stop(): Promise<void>;
}

/** Unreferenced blobs are looked for this often. */
const SWEEP_INTERVAL_MS = 600_000;

const clock = systemClock;

/**
 * Starts an orchestrator on its data directory. Whatever was opened is closed again when a later step fails.
 * @throws RiosError CONFLICT_IN_USE, USER_INVALID_REQUEST, INTEGRITY_KEY_FILE
 */
export async function startApp(config: Config, log: Log): Promise<App> {
  const opened: Opened = [];
  const close = async () => {
    for (const end of opened.splice(0).reverse()) await end();
  };
  try {
    const ready = await open(config, log, opened);
    return { ready, stop: close };
  } catch (error) {
    await close();
    throw error;
  }
}

type Opened = (() => void | Promise<void>)[];

async function open(config: Config, log: Log, opened: Opened): Promise<Ready> {
  checkApiHost(config.apiHost, config.tls);
  const paths = pathsOf(config.dataDir);
  await createDirectory(paths.blobsDir);
  const core = { ...(await openStore(config, opened)), log };
  const accounts = createAccounts({ store: core.store, clock });
  await accounts.ensureLocal(paths.tokenFile, config.blobQuotaBytes);
  let publicUrl = config.publicUrl;
  const users = await createUserService(config, { ...core, publicUrl: () => publicUrl ?? '' });
  opened.push(() => users.stop());
  const blobs = await openBlobs(paths.blobsDir, core.store, log, opened);
  const { network, invites } = await openNetwork(config, { ...core, blobs });
  opened.push(() => network.stop());
  await network.start();
  const tls = config.tlsDev ? await ensureDevCertificate(paths.tlsDir, clock.now()) : config.tls;
  const cache = await openCache(config.engines, core.networkKey.networkId, clock);
  opened.push(() => cache.stop());
  const oauth = users.openOauth(() => publicUrl ?? '', log);
  const api = createApi({ ...config, tls }, { ...core, cache, users, oauth, blobs, invites, network });
  opened.push(() => api.stop());
  const apiUrl = await api.start();
  publicUrl ??= apiUrl;
  const addresses = network.addresses();
  const state = { apiUrl, pid: process.pid, addresses, version: VERSION };
  await writeFileAtomic(paths.stateFile, `${JSON.stringify(state)}\n`, 0o600);
  opened.push(() => rm(paths.stateFile, { force: true }));
  const { networkId } = core.networkKey;
  const { peerId } = core.identity;
  return { apiUrl, tokenFile: paths.tokenFile, networkId, peerId, addresses, dataDir: config.dataDir };
}

async function createDirectory(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true, mode: 0o700 });
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'ENOSPC') throw cause;
    throw new RiosError('USER_INVALID_REQUEST', `cannot create ${path}: ${code}`, {
      hint: 'Choose a --data-dir that you may write to.',
      cause,
    });
  }
}

/** The lock first: whatever comes after it has the directory for itself. */
async function openStore(
  { dataDir, engines }: Config,
  opened: Opened,
): Promise<Pick<Core, 'store' | 'identity' | 'networkKey'>> {
  const paths = pathsOf(dataDir);
  const lock = await lockDirectory(dataDir, 'orchestrator');
  opened.push(() => lock.release());
  const store = await openStoreEngine(engines, paths.storeFile);
  opened.push(() => store.destroy());
  await failRunningRequests(store, clock.now());
  const identity = await loadOrCreateIdentity(paths.identityFile);
  const networkKey = await loadOrCreateNetworkKey(paths.networkKeyFile);
  await bindNetwork(store, networkKey.networkId);
  return { store, identity, networkKey };
}

/** A store belongs to one network for good: its members trust that key alone. */
async function bindNetwork(store: Store, networkId: string): Promise<void> {
  const known = await getNetworkFact(store, 'networkId');
  if (known === undefined) await putNetworkFact(store, 'networkId', networkId);
  if (known === undefined || known === networkId) return;
  throw new RiosError('INTEGRITY_KEY_FILE', `network.key is of ${networkId}, the store of ${known}`, {
    hint: 'Put the right network.key back, or begin a new network in another --data-dir.',
    details: { expected: known, actual: networkId },
  });
}

async function openBlobs(directory: string, store: Store, log: Log, opened: Opened): Promise<Blobs> {
  const files = createBlobFiles(directory);
  const blobs = createBlobs({ store, files, clock, log, freeBytes: () => freeDiskBytes(directory) });
  await blobs.recover();
  opened.push(
    repeat(
      clock,
      SWEEP_INTERVAL_MS,
      () => blobs.sweep(),
      (error) => log.error('sweeping blobs failed', { error: String(error) }),
    ),
  );
  return blobs;
}

interface Core {
  readonly store: Store;
  readonly identity: Identity;
  readonly networkKey: NetworkKey;
  readonly blobs: Blobs;
  readonly log: Log;
}

async function createUserService(
  config: Config,
  core: Pick<Core, 'store' | 'networkKey' | 'log'> & { readonly publicUrl: () => string },
): Promise<Users> {
  const { smtpUrl, mailFrom, blobQuotaBytes, masterKeyFile, dataDir } = config;
  const paths = pathsOf(dataDir);
  const loadKeys = () =>
    loadMasterKeys(masterKeyFile ?? paths.masterKeyFile, { create: masterKeyFile === undefined });
  const outside = await openOutside(config, core.publicUrl);
  return openUsers(
    { networkId: core.networkKey.networkId, blobQuotaBytes, mailDir: paths.mailDir, smtpUrl, mailFrom },
    { store: core.store, log: core.log, clock, loadMasterKeys: loadKeys, outside },
  );
}

/** The file is read at start, so that a mistake in it is told then. */
async function openOutside({ outsideLoginsFile }: Config, publicUrl: () => string): Promise<OutsideLogins> {
  if (outsideLoginsFile === undefined) return NO_OUTSIDE_LOGINS;
  const { readOutsideConfig } = await import('./auth/outside/outside-config.ts');
  return openProviders(await readOutsideConfig(outsideLoginsFile), publicUrl);
}

async function openNetwork(
  { listen, announce }: Config,
  core: Core,
): Promise<{ network: Network; invites: Invites }> {
  const network: Network = await createNetwork({
    ...core,
    redeem: (request) => invites.redeem(request),
    listen,
    announce,
    clock,
  });
  const invites = createInvites({
    store: core.store,
    clock,
    networkKey: core.networkKey.publicKey,
    addresses: network.addresses,
  });
  return { network, invites };
}

function createApi(
  config: Config,
  core: Core & { cache: Cache; users: Users; oauth: OauthServer; invites: Invites; network: Network },
): ApiServer {
  const { store, cache, log, users, oauth, blobs, invites, network } = core;
  const facts = {
    networkId: core.networkKey.networkId,
    peerId: core.identity.peerId,
    version: VERSION,
    startedAt: clock.now(),
  };
  const { evaluationKey, wake, workers, addresses } = network;
  const models = createModels({ store, blobs, clock, parseManifest, evaluationKey, wake });
  const status = () => readStatus(facts, { store, models, listWorkers: () => workers.list(), addresses });
  const openai = createOpenaiEndpoints({
    inference: network.inference,
    clock,
    randomSeed: () => randomBytes(4).readUInt32LE(),
  });
  const requests = createRequests({ store });
  const endpoints = createEndpoints(
    {
      accounts: users.endpoints,
      checkModelChange: (caller, name) => checkModelChange(store, caller, name),
      blobs,
      invites,
      models,
      requests,
      workers,
      status,
    },
    openai,
  );
  return createGateway(
    { host: config.apiHost, port: config.apiPort, tls: config.tls, rate: config.rate },
    { endpoints, findCaller: users.authenticate, store, cache, clock, log, oauth },
  );
}
