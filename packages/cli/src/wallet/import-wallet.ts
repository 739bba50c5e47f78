import { text } from 'node:stream/consumers';
import { RiosError } from '@rios/sdk/errors/error';
import type { WalletView } from '@rios/sdk/schema/wallet';
import type { Wallets } from '@rios/sdk/wallet/wallets';
import { ask } from '../actions/ask.ts';
import { type Asking, canPrompt } from '../prompts/confirm.ts';
import { createPasswords } from './passwords.ts';
import { createSecretLines, type SecretLines } from './secret-lines.ts';

export interface ImportRequest {
  readonly name: string;
  readonly from: { readonly kind: 'mnemonic' | 'key' } | { readonly kind: 'keystore'; readonly file: string };
  /** Which account of a mnemonic. */
  readonly index: number;
  readonly passwordStdin: boolean;
  readonly asking: Pick<Asking, 'json' | 'noInput'>;
}

/** By the terminal, unseen; else stdin: its first line where a password follows, else all of it. */
async function readSecret(what: string, request: ImportRequest, lines: SecretLines): Promise<string> {
  if (request.passwordStdin) return lines.next(what);
  if (canPrompt(request.asking)) {
    return ask({ message: what, secret: true, otherwise: 'Write it to stdin.' }, request.asking);
  }
  const given = (await text(process.stdin)).trim();
  if (given !== '') return given;
  throw new RiosError('USER_INPUT_NEEDED', `${what} is missing on stdin`, {
    hint: 'Write it to stdin, for example: rios wallet import --mnemonic < words.txt.',
  });
}

/** Brings a wallet here, from stdin, the terminal, or a keystore file. Throws as the methods of Wallets do. */
export async function importWallet(wallets: Wallets, request: ImportRequest): Promise<WalletView> {
  const { name, from, index } = request;
  const lines = createSecretLines();
  const passwords = createPasswords(request, lines);
  if (from.kind === 'keystore') return wallets.importKeystore(name, from.file, passwords);
  if (from.kind === 'mnemonic') {
    return wallets.importMnemonic(name, await readSecret('The mnemonic', request, lines), passwords, index);
  }
  return wallets.importKey(name, await readSecret('The private key', request, lines), passwords);
}
