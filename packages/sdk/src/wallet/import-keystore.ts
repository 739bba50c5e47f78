import type { PasswordSource, WalletSecret } from './key-store.ts';
import { parseKeystore } from './keystore-format.ts';
import { decryptKeystore } from './keystore-json.ts';
import { readKeystoreFile } from './read-keystore-file.ts';

/**
 * Opens an encrypted key file of another program, or one of ours. What is wrong with the file is told before its
 * password is asked for.
 * @throws RiosError WALLET_KEYSTORE, WALLET_PASSWORD, NOT_FOUND_FILE
 */
export async function openKeystore(file: string, password: PasswordSource): Promise<WalletSecret> {
  const text = await readKeystoreFile(file);
  parseKeystore(text, file);
  return decryptKeystore(text, await password.current(file), file);
}
