import type { Home } from '../config/home.ts';
import type { SecretStore } from '../crypto/secret-store.ts';

/** A key that may spend from a deposit up to a cap until an end, so that a run need not unlock the wallet. */
export interface SessionKey {
  /** Whose deposit it spends. */
  readonly payer: string;
  /** Of the session key itself. */
  readonly address: string;
  readonly privateKey: string;
  readonly chainId: number;
  /** The escrow contract that knows it. */
  readonly escrow: string;
  readonly capWei: bigint;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

/** Session keys of this machine, in the keychain or the encrypted file that also keeps logins. */
export interface SessionKeys {
  /** Without their keys; expired ones too. */
  list(): Promise<Omit<SessionKey, 'privateKey'>[]>;
  get(address: string): Promise<SessionKey | undefined>;
  add(session: SessionKey): Promise<void>;
  /** True when there was one. */
  remove(address: string): Promise<boolean>;
}

/** Nothing is read before it is needed. */
export declare function openSessionKeys(options: {
  readonly home: Pick<Home, 'sessionKeysFile'>;
  readonly openStore: () => Promise<SecretStore>;
}): SessionKeys;
