import type { LoadMasterKeys } from '../auth/secret-box.ts';
import { countSealed, SEALED_COLUMNS } from '../store/sealed-columns.ts';
import type { Store } from '../store/store.ts';
import { createMasterKeyFile } from './master-key-file.ts';
import { openMasterKeyKeychain } from './master-key-keychain.ts';
import type { MasterKeyPlace } from './master-key-place.ts';
import { loadMasterKeys } from './master-keys.ts';

/** What says where the master keys are. */
export interface MasterKeyChoice {
  /** RIOS_MASTER_KEY_FILE: shared by the orchestrators of a network, never made by one of them; wins. */
  readonly sharedFile: string | undefined;
  readonly kind: 'file' | 'keychain';
  /** The data directory's own file. */
  readonly ownFile: string;
  readonly dataDir: string;
}

/** @throws RiosError RUNTIME_KEYCHAIN when the keychain was chosen and none can be used */
export async function chooseMasterKeyPlace(
  { sharedFile, kind, ownFile, dataDir }: MasterKeyChoice,
  networkId: string,
): Promise<MasterKeyPlace> {
  if (sharedFile !== undefined) return createMasterKeyFile(sharedFile);
  if (kind === 'keychain') return openMasterKeyKeychain({ networkId, dataDir, file: ownFile });
  return createMasterKeyFile(ownFile);
}

/**
 * How the secrets of a store get at the master keys: a new one is made only while nothing is sealed. The store is
 * asked now and never again: a secret may be sealed in the middle of a transaction, which has the store for itself.
 */
export function createMasterKeyLoader(
  place: MasterKeyPlace,
  { store, isShared }: { readonly store: Store; readonly isShared: boolean },
): LoadMasterKeys {
  const sealedBefore = isShared ? Promise.resolve(true) : hasSealed(store);
  sealedBefore.catch(() => {});
  /** One that was here and is gone is lost: secrets may be sealed under it. */
  let wasHere = false;
  return async ({ create }) => {
    const keys = await loadMasterKeys(place, { create: create && !wasHere && !(await sealedBefore) });
    wasHere = true;
    return keys;
  };
}

async function hasSealed(store: Store): Promise<boolean> {
  for (const column of Object.values(SEALED_COLUMNS)) {
    if ((await countSealed(store, column)).length > 0) return true;
  }
  return false;
}
