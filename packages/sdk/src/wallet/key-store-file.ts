import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomic } from '../config/atomic-write.ts';
import type { KeyStore } from './key-store.ts';
import { readKeystoreFile } from './read-keystore-file.ts';

/** One encrypted file (0600) for each key, in the form that other wallets read, named for its address. */
export function createKeystoreFiles(directory: string): KeyStore {
  const nameOf = (address: string) => `${address.toLowerCase()}.json`;
  const fileOf = (address: string) => join(directory, nameOf(address));

  /** What a write leaves behind that was cut off: encrypted too, but of no use. */
  async function draftsOf(address: string): Promise<string[]> {
    const names = await readdir(directory).catch(() => []);
    return names.filter((name) => name.startsWith(`${nameOf(address)}.`) && name.endsWith('.tmp'));
  }

  return {
    kind: 'file',
    place: directory,
    has: (address) =>
      stat(fileOf(address)).then(
        (facts) => facts.isFile(),
        () => false,
      ),
    async prepare(address, secret, password) {
      const { encryptKeystore } = await import('./keystore-json.ts');
      const text = await encryptKeystore(secret, address, await password.fresh(`wallet ${address}`));
      return async () => {
        await mkdir(directory, { recursive: true, mode: 0o700 });
        await writeFileAtomic(fileOf(address), `${text}\n`);
      };
    },
    async get(address, password) {
      const file = fileOf(address);
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
