import type { KeystoreChoice, KeystoreKind } from '../crypto/secret-store.ts';

/** What must stay secret of a wallet. */
export interface WalletSecret {
  /** 0x and 64 hexadecimal digits. */
  readonly privateKey: string;
  /** The words that the key was derived from, where they are known. */
  readonly mnemonic?: { readonly phrase: string; readonly path: string } | undefined;
}

/** Hands out a password when a store needs one; a keychain needs none. `what` is for people: 'wallet main'. */
export interface PasswordSource {
  /** Of a key that is kept already. */
  current(what: string): Promise<string>;
  /** For a key that is to be kept. */
  fresh(what: string): Promise<string>;
}

/** Keys of wallets by address. */
export interface KeyStore {
  readonly kind: KeystoreKind;
  /** For people: a directory, or which keychain. */
  readonly place: string;
  has(address: string): Promise<boolean>;
  /** Asks for the password and encrypts; the returned function puts the key in place, over what was there. */
  prepare(address: string, secret: WalletSecret, password: PasswordSource): Promise<() => Promise<void>>;
  /** @throws RiosError WALLET_PASSWORD, WALLET_KEYSTORE (gone, damaged, open to others) */
  get(address: string, password: PasswordSource): Promise<WalletSecret>;
  /** Also removes what an interrupted write left. */
  delete(address: string): Promise<void>;
}

/** Opens a store: the one that keeps a known wallet, or, without `kind`, the one for new wallets. */
export type OpenKeyStore = (kind?: KeystoreKind) => Promise<KeyStore>;

export interface KeyStoreOptions {
  /** RIOS_KEYSTORE; decides where new keys go. */
  readonly choice: () => Promise<KeystoreChoice>;
  /** Where files go, one for each key. */
  readonly directory: string;
  /** What the user should know, for stderr: which store is in use. */
  readonly note: (text: string) => void;
  /** N of scrypt for new files; by default what geth and ethers take. Less is for tests. */
  readonly scryptN?: number | undefined;
}

/**
 * Where keys are kept: the keychain by keytar, else by @napi-rs/keyring, else one encrypted file for each.
 * @throws RiosError RUNTIME_KEYCHAIN when a keychain is wanted and none can be used here
 */
export function createKeyStores(options: KeyStoreOptions): OpenKeyStore {
  const { directory, note } = options;
  const opened = new Map<KeystoreChoice, Promise<KeyStore>>();

  async function openFile(why: string): Promise<KeyStore> {
    const { createKeystoreFiles } = await import('./key-store-file.ts');
    note(`Keys of wallets: encrypted files in ${directory}${why}`);
    return createKeystoreFiles(directory, options.scryptN);
  }

  async function openStore(choice: KeystoreChoice): Promise<KeyStore> {
    if (choice === 'file') return openFile('');
    const { openKeychainKeys } = await import('./key-store-keychain.ts');
    const keychain = await openKeychainKeys();
    if ('store' in keychain) {
      note(`Keys of wallets: ${keychain.store.place}`);
      return keychain.store;
    }
    if (choice === 'auto') return openFile(`: no keychain can be used here (${keychain.reason})`);
    const { RiosError } = await import('../errors/error.ts');
    throw new RiosError('RUNTIME_KEYCHAIN', `no keychain can be used here: ${keychain.reason}`);
  }

  return async (kind) => {
    const choice = kind ?? (await options.choice());
    const store = opened.get(choice) ?? openStore(choice);
    opened.set(choice, store);
    return store;
  };
}
