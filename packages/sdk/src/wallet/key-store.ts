import type { KeystoreKind } from '../crypto/secret-store.ts';

/** What must stay secret of a wallet. */
export interface WalletSecret {
  /** 0x and 64 hexadecimal digits. */
  readonly privateKey: string;
  /** The words that the key was derived from, where they are known. */
  readonly mnemonic?: { readonly phrase: string; readonly path: string } | undefined;
}

/** Hands out a password when a store needs one; a keychain needs none. */
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
  /** Replaces what was there. */
  put(address: string, secret: WalletSecret, password: PasswordSource): Promise<void>;
  /** @throws RiosError WALLET_PASSWORD, WALLET_KEYSTORE (gone, damaged, open to others) */
  get(address: string, password: PasswordSource): Promise<WalletSecret>;
  /** Also removes what an interrupted write left. */
  delete(address: string): Promise<void>;
}

/** Opens a store: the one that keeps a known wallet, or the one for new wallets. */
export type OpenKeyStore = (kind?: KeystoreKind) => Promise<KeyStore>;
