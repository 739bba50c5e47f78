import { systemClock } from '@rios/sdk/clock';
import { lockDirectory } from '@rios/sdk/config/directory-lock';
import { type Identity, loadOrCreateIdentity } from '@rios/sdk/crypto/identity';
import type { NetworkKey } from '@rios/sdk/crypto/network';
import type { Log } from '@rios/sdk/log';
import { createSecretBox, type LoadMasterKeys } from '../auth/secret-box.ts';
import { endDead } from '../billing/end-dead.ts';
import { type Config, masterKeyChoiceOf, pathsOf } from '../config.ts';
import { chooseMasterKeyPlace, createMasterKeyLoader } from '../crypto/choose-master-keys.ts';
import { createMasterKeyFile } from '../crypto/master-key-file.ts';
import { openStore as openStoreEngine } from '../engines.ts';
import { openNetworkKey } from '../network-key.ts';
import { freeOwnKeys } from '../store/idempotency.ts';
import { STOPPED } from '../store/requests.ts';
import type { Store } from '../store/store.ts';

/** What every part of an orchestrator stands on. */
export interface Core {
  readonly store: Store;
  readonly identity: Identity;
  readonly networkKey: NetworkKey;
  readonly loadMasterKeys: LoadMasterKeys;
  readonly log: Log;
}

/** How to let go of what was opened, in the order of opening. */
export type Opened = (() => void | Promise<void>)[];

const clock = systemClock;

/** The lock first: whatever comes after it has the directory for itself. Keys next: nothing without the right ones. */
export async function openCore(config: Config, log: Log, opened: Opened): Promise<Core> {
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
  return { store, identity, networkKey, loadMasterKeys: load, log };
}

/** What this orchestrator was doing when it stopped has failed. */
async function endUnfinished(store: Store, orchestrator: string): Promise<void> {
  const end = { ...STOPPED, finishedAt: clock.now() };
  await store.transaction().execute((tx) => endDead(tx, { orchestrator }, end));
  await freeOwnKeys(store, orchestrator);
}
