import { access } from 'node:fs/promises';
import { RiosError } from '@rios/sdk/errors/error';
import type { LoadMasterKeys } from '../auth/secret-box.ts';
import { masterKeyChoiceOf, pathsOf } from '../config.ts';
import { chooseMasterKeyPlace, createMasterKeyLoader } from '../crypto/choose-master-keys.ts';
import type { MasterKeyPlace } from '../crypto/master-key-place.ts';
import { openStore } from '../engines.ts';
import { getNetworkFact } from '../store/network.ts';
import type { Store } from '../store/store.ts';
import type { Premises } from './read-options.ts';

export interface OpenPremises {
  readonly store: Store;
  readonly networkId: string;
  readonly place: MasterKeyPlace;
  readonly load: LoadMasterKeys;
}

/**
 * Opens the store of an orchestrator that may run, and finds its master key.
 * @throws RiosError NOT_FOUND when no orchestrator was ever started there, RUNTIME_KEYCHAIN
 */
export async function withPremises<T>(
  premises: Premises,
  work: (opened: OpenPremises) => Promise<T>,
): Promise<T> {
  const { storeFile } = pathsOf(premises.dataDir);
  if (premises.engines.database === undefined) await checkFile(storeFile);
  const store = await openStore(premises.engines, storeFile);
  try {
    const networkId = await getNetworkFact(store, 'networkId');
    if (networkId === undefined) throw neverStarted('the store');
    const place = await chooseMasterKeyPlace(masterKeyChoiceOf(premises), networkId);
    process.stderr.write(`master key: ${place.kind} ${place.name}\n`);
    const isShared = premises.masterKeyFile !== undefined;
    return await work({ store, networkId, place, load: createMasterKeyLoader(place, { store, isShared }) });
  } finally {
    await store.destroy();
  }
}

async function checkFile(storeFile: string): Promise<void> {
  const isThere = await access(storeFile).then(
    () => true,
    () => false,
  );
  if (!isThere) throw neverStarted(storeFile);
}

const neverStarted = (where: string) =>
  new RiosError('NOT_FOUND', `no orchestrator was ever started on ${where}`, {
    hint: 'Name its --data-dir, or set its DATABASE_URL.',
  });
