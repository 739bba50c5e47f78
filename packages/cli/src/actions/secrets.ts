import { readFile } from 'node:fs/promises';
import type { Home } from '@rios/sdk/config/home';
import type { KeystoreChoice, SecretStore } from '@rios/sdk/crypto/secret-store';
import { RiosError } from '@rios/sdk/errors/error';

export interface SecretsOptions {
  readonly home: Home;
  readonly choice: KeystoreChoice;
  /** --password-file; RIOS_PASSWORD otherwise. */
  readonly passwordFile?: string | undefined;
  readonly quiet: boolean;
}

/** The password of the stored secrets: the file's first line, else RIOS_PASSWORD, else none. */
export async function readStorePassword(passwordFile: string | undefined): Promise<string | undefined> {
  if (passwordFile === undefined) return process.env.RIOS_PASSWORD || undefined;
  const [line = ''] = (await readFile(passwordFile, 'utf8')).split(/\r?\n/);
  if (line !== '') return line;
  throw new RiosError('USER_INVALID_REQUEST', `${passwordFile} has no password in its first line`);
}

/** Opens the store of this user's secrets. Throws RUNTIME_KEYCHAIN, NOT_FOUND_FILE, USER_INVALID_REQUEST. */
export async function openSecrets(options: SecretsOptions): Promise<SecretStore> {
  const { openSecretStore } = await import('@rios/sdk/crypto/secret-store');
  return openSecretStore({
    choice: options.choice,
    file: options.home.secretsFile,
    password: await readStorePassword(options.passwordFile),
    note: (text) => {
      if (!options.quiet) process.stderr.write(`${text}\n`);
    },
  });
}
