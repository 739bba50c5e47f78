import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomic } from '../config/atomic-write.ts';
import { RiosError } from '../errors/error.ts';
import type { KeyStore } from './key-store.ts';
import { readKeystoreFile } from './read-keystore-file.ts';

const gone = (address: string, file: string) =>
  new RiosError('WALLET_KEYSTORE', `the key of ${address} is gone: there is no ${file}`, {
    details: { file },
  });

/** One encrypted file (0600) for each key, in the form that other wallets read, named for its address. */
export function createKeystoreFiles(directory: string, scryptN?: number): KeyStore {
  const nameOf = (address: string) => `${address.toLowerCase()}.json`;
  const fileOf = (address: string) => join(directory, nameOf(address));

  /** What a write leaves behind that was cut off: encrypted too, but of no use. */
  async function draftsOf(address: string): Promise<string[]> {
    const names = await readdir(directory).catch(() => []);
    return names.filter((name) => name.startsWith(`${nameOf(address)}.`) && name.endsWith('.tmp'));
  }

  const has = (address: string) =>
    stat(fileOf(address)).then(
      () => true,
      () => false,
    );

  return {
    kind: 'file',
    place: directory,
    has,
    async prepare(address, secret, password) {
      const { encryptKeystore } = await import('./keystore-json.ts');
      const text = await encryptKeystore(secret, address, await password.fresh(`wallet ${address}`), scryptN);
      return async () => {
        await mkdir(directory, { recursive: true, mode: 0o700 });
        await writeFileAtomic(fileOf(address), `${text}\n`);
      };
    },
    async get(address, password) {
      const file = fileOf(address);
      if (!(await has(address))) throw gone(address, file);
      const text = await readKeystoreFile(file);
      const { parseKeystore } = await import('./keystore-format.ts');
      // a damaged file is told before a password is asked for
      parseKeystore(text, file);
      const { decryptKeystore } = await import('./keystore-json.ts');
      return decryptKeystore(text, await password.current(`wallet ${address}`), file);
    },
    async delete(address) {
      await rm(fileOf(address), { force: true });
      for (const name of await draftsOf(address)) await rm(join(directory, name), { force: true });
    },
  };
}
