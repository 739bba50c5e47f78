import { z } from 'zod';
import type { SecretStore } from '../crypto/secret-store.ts';
import { openKeychain } from '../crypto/secret-store-keychain.ts';
import { RiosError } from '../errors/error.ts';
import type { KeyStore, WalletSecret } from './key-store.ts';

const secretSchema = z.strictObject({
  privateKey: z.string().regex(/^0x[0-9a-f]{64}$/),
  mnemonic: z.strictObject({ phrase: z.string(), path: z.string() }).optional(),
});

/** Beside the logins, which are named by their origin. */
const nameOf = (address: string) => `wallet:${address.toLowerCase()}`;

function parseSecret(text: string, address: string): WalletSecret {
  try {
    return secretSchema.parse(JSON.parse(text));
  } catch {
    // no cause: it could quote the secret
    throw new RiosError('WALLET_KEYSTORE', `what the keychain has for ${address} is damaged`);
  }
}

function createKeychainKeys(secrets: SecretStore): KeyStore {
  return {
    kind: 'keychain',
    place: secrets.place,
    has: async (address) => (await secrets.get(nameOf(address))) !== undefined,
    prepare: async (address, secret) => () => secrets.set(nameOf(address), JSON.stringify(secret)),
    async get(address) {
      const text = await secrets.get(nameOf(address));
      if (text !== undefined) return parseSecret(text, address);
      throw new RiosError('WALLET_KEYSTORE', `the keychain has no key of ${address}`, {
        hint: 'Unlock the keychain that it was kept in, or import the wallet again.',
      });
    },
    delete: async (address) => {
      await secrets.delete(nameOf(address));
    },
  };
}

/** Keys in the keychain of the system, or why there is none that can be used. */
export async function openKeychainKeys(): Promise<
  { readonly store: KeyStore } | { readonly reason: string }
> {
  const opened = await openKeychain();
  return opened.store === undefined ? { reason: opened.reason } : { store: createKeychainKeys(opened.store) };
}
