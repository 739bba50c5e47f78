import { stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ChainFile } from '@rios/sdk/chain/chain-file';
import { RiosError } from '@rios/sdk/errors/error';
import type { BaseWallet } from 'ethers';

/** Where the key of the account that publishes is. */
export interface PublisherKeyPlace {
  /** --settlement-key-file. */
  readonly keyFile: string | undefined;
  /** With the password, where the key file is a keystore. */
  readonly passwordFile: string | undefined;
  readonly chainFile: string | undefined;
}

/** Which file the key comes from; undefined = there is none. */
const fileOf = ({ keyFile, chainFile }: PublisherKeyPlace, isDevChain: boolean): string | undefined => {
  if (keyFile !== undefined) return keyFile;
  return isDevChain && chainFile !== undefined ? join(dirname(chainFile), 'chain.mnemonic') : undefined;
};

/** Changes when the key may have changed. */
export async function publisherKeyVersion(place: PublisherKeyPlace, isDevChain: boolean): Promise<string> {
  const file = fileOf(place, isDevChain);
  if (file === undefined) return 'none';
  return stat(file).then(
    ({ ino, mtimeMs, size, mode }) => `${ino}:${mtimeMs}:${size}:${mode}`,
    (cause: NodeJS.ErrnoException) => `${cause.code}`,
  );
}

/**
 * The signer of the account that publishes: from the key file, or on a dev chain from its own words. Undefined when
 * this orchestrator has neither: then it counts deposits, and another one publishes. No message repeats the key.
 * @throws RiosError NOT_FOUND_FILE, WALLET_KEYSTORE (open to others, damaged), WALLET_PASSWORD, USER_INVALID_REQUEST
 */
export async function readPublisherKey(
  place: PublisherKeyPlace,
  { isDevChain }: Pick<ChainFile, 'isDevChain'>,
): Promise<BaseWallet | undefined> {
  const file = fileOf(place, isDevChain);
  if (file === undefined) return undefined;
  const { readKeystoreFile } = await import('@rios/sdk/wallet/read-keystore-file');
  if (place.keyFile === undefined) {
    const version = await publisherKeyVersion(place, isDevChain);
    if (version === 'ENOENT') return undefined;
    const { deriveDevAccounts } = await import('../chain/dev-accounts.ts');
    return deriveDevAccounts((await readKeystoreFile(file)).trim()).publisher;
  }
  const text = await readKeystoreFile(file);
  const { parsePrivateKey, signerOf } = await import('@rios/sdk/wallet/private-key');
  if (!text.trimStart().startsWith('{')) return signerOf(parsePrivateKey(text));
  const { parseKeystore } = await import('@rios/sdk/wallet/keystore-format');
  const { decryptKeystore } = await import('@rios/sdk/wallet/keystore-json');
  parseKeystore(text, file);
  return signerOf(await decryptKeystore(text, await readPassword(place.passwordFile), file));
}

async function readPassword(file: string | undefined): Promise<string> {
  if (file === undefined) {
    throw new RiosError('WALLET_PASSWORD', 'the settlement key is encrypted, and there is no password', {
      hint: 'Name a file with it: RIOS_SETTLEMENT_PASSWORD_FILE.',
    });
  }
  const { readKeystoreFile } = await import('@rios/sdk/wallet/read-keystore-file');
  return (await readKeystoreFile(file)).replace(/\r?\n$/, '');
}
