import { randomBytes } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { systemClock } from '@rios/sdk/clock';
import { writeFileAtomic } from '@rios/sdk/config/atomic-write';
import { lockDirectory } from '@rios/sdk/config/directory-lock';
import { type Identity, loadOrCreateIdentity } from '@rios/sdk/crypto/identity';
import type { NetworkKey } from '@rios/sdk/crypto/network';
import { freeDiskBytes } from '@rios/sdk/disk';
import { RiosError } from '@rios/sdk/errors/error';
import type { Log } from '@rios/sdk/log';
import { parseManifest } from '@rios/sdk/model/bundle';
import { VERSION } from '@rios/sdk/version';
import { NO_OUTSIDE_LOGINS, type OutsideLogins, openProviders } from './auth/outside/open-providers.ts';
import { checkModelChange } from './auth/ownership.ts';
import { createSecretBox, type LoadMasterKeys } from './auth/secret-box.ts';
import type { Cache } from './cache/cache.ts';
import { type ChainSource, openChainSource } from './chain/chain-source.ts';
import { createChainAccess } from './chain/create-chain-access.ts';
import { type Config, masterKeyChoiceOf, pathsOf } from './config.ts';
import { chooseMasterKeyPlace, createMasterKeyLoader } from './crypto/choose-master-keys.ts';
import { createMasterKeyFile } from './crypto/master-key-file.ts';
import { openCache, openQueue, openStore as openStoreEngine } from './engines.ts';
import { createGateway } from './gateway/create-gateway.ts';
import { ensureDevCertificate } from './gateway/dev-certificate.ts';
import { createEndpoints } from './gateway/endpoints.ts';
import { type ApiServer, checkApiHost } from './gateway/server.ts';
import { createNetwork } from './network.ts';
import { openNetworkKey } from './network-key.ts';
import { createOpenaiEndpoints } from './openai/openai-endpoints.ts';
import { pickAddresses } from './p2p/pick-addresses.ts';
import type { Queue } from './queue/queue.ts';
import { createAccounts } from './services/accounts.ts';
import { createBlobFiles } from './services/blob-files.ts';
import { createBlobReplicator } from './services/blob-replicator.ts';
import { type Blobs, createBlobs } from './services/blobs.ts';
import { createInvites, type Invites, MAX_INVITE_ADDRESSES } from './services/invites.ts';
import { createModels } from './services/models.ts';
import type { Network } from './services/network-port.ts';
import { auditedSettings, noteConfig } from './services/note-config.ts';
import type { OauthServer } from './services/oauth/oauth-server.ts';
import { repeat } from './services/repeat.ts';
import { createRequests } from './services/requests.ts';
import { readStatus } from './services/status.ts';
import { openUsers } from './services/users/open-users.ts';
import type { Users } from './services/users/users.ts';
import { warnOfLocalLimits } from './services/warn-of-local-limits.ts';
import { freeOwnKeys } from './store/idempotency.ts';
import { failRequests, STOPPED } from './store/requests.ts';
import type { Store } from './store/store.ts';
import { ensureStoreId } from './store/store-id.ts';
import { readStoreTime } from './store/store-time.ts';

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
  const chain = await openChainSource(config.chain, log);
  await createDirectory(paths.blobsDir);
  const core = { ...(await openStore(config, log, opened)), log, chain };
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
  const blobs = await openBlobs(paths.blobsDir, core, opened);
  const { network, invites } = await openNetwork(config, { ...core, blobs });
  opened.push(() => network.stop());
  await network.start();
  const replicator = createBlobReplicator({ ...core, blobs, clock, self: core.identity.peerId });
  opened.push(() => replicator.stop());
  replicator.start();
  const tls = config.tlsDev ? await ensureDevCertificate(paths.tlsDir, clock.now()) : config.tls;
  const cache = await openCache(config.engines, core.networkKey.networkId, clock);
  opened.push(() => cache.stop());
  if (config.engines.redis === undefined) opened.push(warnOfLocalLimits(network.directory, { clock, log }));
  const oauth = users.openOauth(() => publicUrl ?? '', log);
  const api = createApi({ ...config, tls }, { ...core, cache, users, oauth, blobs, invites, network });
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
    dataDir: config.dataDir,
  };
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

/** The lock first: whatever comes after it has the directory for itself. Keys next: nothing without the right ones. */
async function openStore(
  config: Config,
  log: Log,
  opened: Opened,
): Promise<Pick<Core, 'store' | 'identity' | 'networkKey'> & { readonly loadMasterKeys: LoadMasterKeys }> {
  const { dataDir, engines, masterKeyFile } = config;
  const paths = pathsOf(dataDir);
  const lock = await lockDirectory(dataDir, 'orchestrator');
  opened.push(() => lock.release());
  const store = await openStoreEngine(engines, paths.storeFile);
  opened.push(() => store.destroy());
  const shared = masterKeyFile === undefined ? undefined : createMasterKeyFile(masterKeyFile);
  const loadShared = shared && createMasterKeyLoader(shared, { store, isShared: true });
  const networkKey = await openNetworkKey({
    store,
    file: paths.networkKeyFile,
    shared: loadShared && createSecretBox(loadShared),
    now: clock.now(),
  });
  const place = await chooseMasterKeyPlace(masterKeyChoiceOf(config), networkKey.networkId);
  log.info('master key', { kind: place.kind, place: place.name });
  const identity = await loadOrCreateIdentity(paths.identityFile);
  await endUnfinished(store, identity.peerId);
  const load = loadShared ?? createMasterKeyLoader(place, { store, isShared: false });
  return { store, identity, networkKey, loadMasterKeys: load };
}

/** What this orchestrator was doing when it stopped has failed. */
async function endUnfinished(store: Store, orchestrator: string): Promise<void> {
  const end = { ...STOPPED, finishedAt: clock.now() };
  await store.transaction().execute((tx) => failRequests(tx, { orchestrator }, end));
  await freeOwnKeys(store, orchestrator);
}

async function openBlobs(
  directory: string,
  { store, identity, log }: Pick<Core, 'store' | 'identity' | 'log'>,
  opened: Opened,
): Promise<Blobs> {
  const files = createBlobFiles(directory);
  const blobs = createBlobs({
    store,
    files,
    clock,
    log,
    self: identity.peerId,
    freeBytes: () => freeDiskBytes(directory),
    now: () => readStoreTime(store),
  });
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
  core: Pick<Core, 'store' | 'networkKey' | 'log'> & {
    readonly queue: Queue;
    readonly loadMasterKeys: LoadMasterKeys;
    readonly publicUrl: () => string;
  },
): Promise<Users> {
  const { smtpUrl, mailFrom, blobQuotaBytes, dataDir } = config;
  const paths = pathsOf(dataDir);
  const outside = await openOutside(config, core.publicUrl);
  return openUsers(
    { networkId: core.networkKey.networkId, blobQuotaBytes, mailDir: paths.mailDir, smtpUrl, mailFrom },
    {
      store: core.store,
      log: core.log,
      queue: core.queue,
      clock,
      loadMasterKeys: core.loadMasterKeys,
      outside,
    },
  );
}

/** The file is read at start, so that a mistake in it is told then. */
async function openOutside({ outsideLoginsFile }: Config, publicUrl: () => string): Promise<OutsideLogins> {
  if (outsideLoginsFile === undefined) return NO_OUTSIDE_LOGINS;
  const { readOutsideConfig } = await import('./auth/outside/outside-config.ts');
  return openProviders(await readOutsideConfig(outsideLoginsFile), publicUrl);
}

async function openNetwork(
  { listen, announce, chain }: Config,
  core: Core & { readonly chain: ChainSource },
): Promise<{ network: Network; invites: Invites }> {
  const { networkId } = core.networkKey;
  const network: Network = await createNetwork({
    ...core,
    redeem: (request) => invites.redeem(request),
    listen,
    announce,
    clock,
    chainAccess: chain.file === undefined ? undefined : createChainAccess(core.chain, { networkId, clock }),
  });
  const invites = createInvites({
    store: core.store,
    clock,
    networkKey: core.networkKey.publicKey,
    addresses: () => pickAddresses(network.directory.addresses(), MAX_INVITE_ADDRESSES),
  });
  return { network, invites };
}

function createApi(
  config: Config,
  core: Core & {
    chain: ChainSource;
    cache: Cache;
    users: Users;
    oauth: OauthServer;
    invites: Invites;
    network: Network;
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
      checkModelChange: (caller, name) => checkModelChange(store, caller, name),
      blobs,
      invites,
      models,
      requests,
      workers,
      walletBindings: network.walletBindings,
      status,
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
