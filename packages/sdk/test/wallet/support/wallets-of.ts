import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { KeystoreChoice } from '@rios/sdk/crypto/secret-store';
import { createKeyStores, type OpenKeyStore } from '@rios/sdk/wallet/key-store';
import { openWallets, type Wallets } from '@rios/sdk/wallet/wallets';

/** Key stores of a home directory, with what they told. */
export function keyStoresOf(home: string, choice: KeystoreChoice = 'file') {
  const notes: string[] = [];
  const keyStore = createKeyStores({
    choice: async () => choice,
    directory: join(home, 'wallets'),
    note: (text) => notes.push(text),
    scryptN: 2 ** 10,
  });
  return { keyStore, notes };
}

/** Wallets of a home directory; another key store may take the place of the files. */
export function walletsOf(home: string, keyStore: OpenKeyStore = keyStoresOf(home).keyStore): Wallets {
  mkdirSync(home, { recursive: true });
  let now = 1000;
  const clock = { now: () => now++ };
  return openWallets({ home: { walletsFile: join(home, 'wallets.json') }, keyStore, clock });
}
