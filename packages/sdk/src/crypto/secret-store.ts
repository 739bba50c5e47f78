import { RiosError } from '../errors/error.ts';

/** Where secrets are kept: the keychain of the operating system, or an encrypted file. */
export type KeystoreKind = 'keychain' | 'file';

/** RIOS_KEYSTORE: `auto` takes the keychain where one can be used, else the file. */
export type KeystoreChoice = 'auto' | KeystoreKind;

/** Secrets by name (the origin that they belong to). The only place where RiOS keeps a user's tokens. */
export interface SecretStore {
  readonly kind: KeystoreKind;
  /** For people: a path, or which keychain. */
  readonly place: string;
  get(name: string): Promise<string | undefined>;
  /** Replaces what was there. */
  set(name: string, secret: string): Promise<void>;
  /** True when there was one. */
  delete(name: string): Promise<boolean>;
}

export interface SecretStoreOptions {
  readonly choice: KeystoreChoice;
  /** Path of the encrypted file; a key file may stand beside it. */
  readonly file: string;
  /** Encrypts the file; without one a key file (0600) beside it does. */
  readonly password?: string | undefined;
  /** What the user should know, for stderr: never a secret. */
  readonly note: (text: string) => void;
}

/** Longest name, and longest secret, in characters: a token pair is far below. */
export const MAX_SECRET_NAME_CHARS = 512;
export const MAX_SECRET_CHARS = 64 * 1024;

const CHOICES: readonly KeystoreChoice[] = ['auto', 'keychain', 'file'];

/** Reads the value of RIOS_KEYSTORE; nothing is `auto`. Throws USER_INVALID_REQUEST. */
export function parseKeystore(text: string | undefined): KeystoreChoice {
  const choice = CHOICES.find((known) => known === (text || 'auto'));
  if (choice !== undefined) return choice;
  throw new RiosError('USER_INVALID_REQUEST', `${JSON.stringify(text)} is not a keystore`, {
    hint: 'Set RIOS_KEYSTORE to auto, keychain or file.',
  });
}

/** Refuses names and secrets that a backend would cut or not keep. Throws USER_INVALID_REQUEST. */
export function checkSecret(name: string, secret = 'x'): void {
  const isBad = (text: string, max: number) => text === '' || text.length > max || text.includes('\0');
  if (isBad(name, MAX_SECRET_NAME_CHARS)) {
    throw new RiosError('USER_INVALID_REQUEST', 'the name of a secret is empty, too long or has a NUL');
  }
  if (isBad(secret, MAX_SECRET_CHARS)) {
    throw new RiosError('USER_INVALID_REQUEST', `the secret of ${name} is empty, too long or has a NUL`);
  }
}

/**
 * Opens the store that was chosen. The native keychain modules are loaded only when asked for.
 * @throws RiosError RUNTIME_KEYCHAIN when `keychain` was chosen and none can be used here
 */
export async function openSecretStore(options: SecretStoreOptions): Promise<SecretStore> {
  if (options.choice !== 'file') {
    const { openKeychain } = await import('./secret-store-keychain.ts');
    const opened = await openKeychain();
    if (opened.store !== undefined) return opened.store;
    if (options.choice === 'keychain') {
      throw new RiosError('RUNTIME_KEYCHAIN', `no keychain can be used here: ${opened.reason}`);
    }
  }
  const { createFileStore } = await import('./secret-store-file.ts');
  return createFileStore(options);
}
