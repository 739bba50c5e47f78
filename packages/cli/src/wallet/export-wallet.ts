import { writeFile } from 'node:fs/promises';
import { RiosError } from '@rios/sdk/errors/error';
import type { WalletExport, WalletView } from '@rios/sdk/schema/wallet';
import type { PasswordSource, WalletSecret } from '@rios/sdk/wallet/key-store';
import type { Wallets } from '@rios/sdk/wallet/wallets';

export type ExportFormat = WalletExport['format'];

async function formatSecret(
  wallet: WalletView,
  secret: WalletSecret,
  format: ExportFormat,
  passwords: PasswordSource,
): Promise<string> {
  if (format === 'private-key') return secret.privateKey;
  if (format === 'mnemonic') {
    if (secret.mnemonic !== undefined) return secret.mnemonic.phrase;
    throw new RiosError('USER_INVALID_REQUEST', `wallet ${wallet.name} was not made from a mnemonic`, {
      hint: 'Export it with --format keystore or --format private-key.',
    });
  }
  const { encryptKeystore } = await import('@rios/sdk/wallet/keystore-json');
  const what = `wallet ${wallet.address}`;
  // the file has one already; a keychain has none
  const password = await (wallet.keystore === 'file' ? passwords.current(what) : passwords.fresh(what));
  return encryptKeystore(secret, wallet.address, password);
}

/** A new file for its owner alone. @throws RiosError CONFLICT_EXISTS */
async function writeNew(file: string, text: string): Promise<void> {
  try {
    await writeFile(file, `${text}\n`, { flag: 'wx', mode: 0o600, flush: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    throw new RiosError('CONFLICT_EXISTS', `${file} exists already`, { hint: 'Choose another --out.' });
  }
}

/** The secret of a wallet in one of three forms, in a new file where one is named. Throws as Wallets.export does. */
export async function exportWallet(
  wallets: Wallets,
  request: { wallet: WalletView; format: ExportFormat; out: string | undefined; passwords: PasswordSource },
): Promise<WalletExport> {
  const { wallet, format, out, passwords } = request;
  const text = await formatSecret(wallet, await wallets.export(wallet.name, passwords), format, passwords);
  if (out !== undefined) await writeNew(out, text);
  const { name, address } = wallet;
  return { name, address, format, out: out ?? null, secret: out === undefined ? text : null };
}
