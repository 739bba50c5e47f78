import { rm } from 'node:fs/promises';
import { withLock } from '@rios/sdk/config/with-lock';
import type { SecretStore } from '@rios/sdk/crypto/secret-store';
import { createMasterKeyFile } from './master-key-file.ts';
import { type MasterKeyPlace, refuseMasterKeys } from './master-key-place.ts';

export interface KeychainPlaceOptions {
  /** Names the entry, so that each network of a machine has its own. */
  readonly networkId: string;
  /** Where the lock of a change is. */
  readonly dataDir: string;
  /** A master key file of before: it is moved into the keychain. */
  readonly file: string;
}

/** Master keys as one entry of a keychain. */
export function createMasterKeyKeychain(
  secrets: Pick<SecretStore, 'get' | 'set' | 'place'>,
  { networkId, dataDir, file }: KeychainPlaceOptions,
): MasterKeyPlace {
  const entry = `orchestrator:${networkId}`;
  const alone = <T>(work: () => Promise<T>) => withLock(dataDir, 'master-key', work);
  const put = async (text: string) => {
    await secrets.set(entry, text);
    if ((await secrets.get(entry)) === text) return;
    throw refuseMasterKeys({ kind: 'keychain', name: secrets.place }, 'it does not keep what it is given');
  };
  /** Only once the keychain has it, the file goes. */
  const moveFile = () =>
    alone(async () => {
      const known = await secrets.get(entry);
      const text = known ?? (await createMasterKeyFile(file).read());
      if (known === undefined && text !== undefined) {
        await put(text);
        await rm(file);
      }
      return text;
    });
  return {
    kind: 'keychain',
    name: secrets.place,
    read: async () => (await secrets.get(entry)) ?? (await moveFile()),
    create: (text) =>
      alone(async () => {
        if ((await secrets.get(entry)) === undefined) await put(text);
      }),
    replace: put,
    alone,
  };
}

/** The keychain of this machine. @throws RiosError RUNTIME_KEYCHAIN when none can be used */
export async function openMasterKeyKeychain(options: KeychainPlaceOptions): Promise<MasterKeyPlace> {
  const { openSecretStore } = await import('@rios/sdk/crypto/secret-store');
  const secrets = await openSecretStore({ choice: 'keychain', file: '', note: () => {} });
  return createMasterKeyKeychain(secrets, options);
}
