import type { Wallet } from 'ethers';
import type { Clock } from '../clock.ts';
import type { Home } from '../config/home.ts';
import type { WalletView } from '../schema/wallet.ts';
import type { OpenKeyStore, PasswordSource, WalletSecret } from './key-store.ts';

export interface WalletsOptions {
  readonly home: Pick<Home, 'walletsFile'>;
  /** Opened when a key is first needed. */
  readonly keyStore: OpenKeyStore;
  readonly clock: Pick<Clock, 'now'>;
}

/** The wallets of this user: what is known about them in wallets.json, their keys in a key store. */
export interface Wallets {
  list(): Promise<WalletView[]>;
  /** The one named, or the one in use. @throws RiosError WALLET_NOT_FOUND */
  get(name?: string): Promise<WalletView>;
  /** A new key from 12 new words. @throws RiosError WALLET_EXISTS, USER_PASSWORD_WEAK */
  create(name: string, password: PasswordSource): Promise<WalletView>;
  /** @throws RiosError WALLET_MNEMONIC (which word), WALLET_EXISTS */
  importMnemonic(name: string, phrase: string, password: PasswordSource, index?: number): Promise<WalletView>;
  /** @throws RiosError USER_INVALID_REQUEST (its length, its range), WALLET_EXISTS */
  importKey(name: string, text: string, password: PasswordSource): Promise<WalletView>;
  /** A file of geth, ethers and others. @throws RiosError WALLET_KEYSTORE, WALLET_PASSWORD, WALLET_EXISTS */
  importKeystore(name: string, file: string, password: PasswordSource): Promise<WalletView>;
  /** The secret itself. @throws RiosError WALLET_NOT_FOUND, WALLET_PASSWORD, WALLET_KEYSTORE */
  export(name: string, password: PasswordSource): Promise<WalletSecret>;
  /** Makes it the one in use. @throws RiosError WALLET_NOT_FOUND */
  use(name: string): Promise<WalletView>;
  /** Removes it with its key. @throws RiosError WALLET_NOT_FOUND */
  remove(name: string): Promise<WalletView>;
  /** A signer that is connected to no chain. @throws RiosError WALLET_NOT_FOUND, WALLET_PASSWORD, WALLET_KEYSTORE */
  unlock(name: string | undefined, password: PasswordSource): Promise<Wallet>;
}

export declare function openWallets(options: WalletsOptions): Wallets;
