import { scrypt as nodeScrypt } from 'node:crypto';
import { decryptKeystoreJson, encryptKeystoreJson, HDNodeWallet, Mnemonic, scrypt } from 'ethers';
import { RiosError } from '../errors/error.ts';
import type { WalletSecret } from './key-store.ts';
import { formatKeystore, parseKeystore } from './keystore-format.ts';

/** N of scrypt for files that RiOS writes, as geth and ethers choose it: 128 MiB, about half a second. */
const SCRYPT_N = 2 ** 17;

/** Node's own scrypt gives the same bytes as that of ethers in a fraction of the time, and off the main thread. */
function useNodeScrypt(): void {
  scrypt.register(
    (password, salt, N, r, p, keyBytes) =>
      new Promise((resolve, reject) => {
        nodeScrypt(password, salt, keyBytes, { N, r, p, maxmem: 256 * N * r }, (error, key) => {
          if (error === null) resolve(key);
          else reject(error);
        });
      }),
  );
}

/**
 * Encrypts a key, and the words it came from, as other wallets read it (Web3 Secret Storage version 3, with the
 * `x-ethers` part for the words). `scryptN` is what guessing a password costs.
 */
export async function encryptKeystore(
  secret: WalletSecret,
  address: string,
  password: string,
  scryptN = SCRYPT_N,
): Promise<string> {
  useNodeScrypt();
  const { privateKey, mnemonic } = secret;
  const words =
    mnemonic === undefined
      ? {}
      : {
          mnemonic: {
            path: mnemonic.path,
            locale: 'en',
            entropy: Mnemonic.fromPhrase(mnemonic.phrase).entropy,
          },
        };
  return encryptKeystoreJson({ address, privateKey, ...words }, password, { scrypt: { N: scryptN } });
}

/**
 * Decrypts such a text, wherever it comes from: its form and cost are checked before anything is computed.
 * @throws RiosError WALLET_KEYSTORE (damaged, too costly, or contradicting itself), WALLET_PASSWORD
 */
export async function decryptKeystore(text: string, password: string, place: string): Promise<WalletSecret> {
  const keystore = parseKeystore(text, place);
  useNodeScrypt();
  const account = await decryptKeystoreJson(formatKeystore(keystore), password).catch((error: unknown) => {
    throw refused(error, place);
  });
  const { privateKey, mnemonic } = account;
  if (mnemonic === undefined) return { privateKey };
  const { path = '', entropy } = mnemonic;
  const phrase = Mnemonic.fromEntropy(entropy).phrase;
  if (HDNodeWallet.fromPhrase(phrase, '', path).privateKey !== privateKey) {
    throw new RiosError('WALLET_KEYSTORE', `${place} holds a key and words that do not belong together`);
  }
  return { privateKey, mnemonic: { phrase, path } };
}

/** What ethers throws never becomes a cause: it is not ours to say what its messages hold. */
function refused(error: unknown, place: string): RiosError {
  const { argument } = error as { argument?: unknown };
  if (argument === 'password') return new RiosError('WALLET_PASSWORD', `the password does not open ${place}`);
  const why = argument === 'address' ? 'holds another key than that of its address' : 'cannot be opened';
  return new RiosError('WALLET_KEYSTORE', `${place} ${why}`);
}
