import { dirname } from 'node:path';
import type { Wallet } from 'ethers';
import type { Clock } from '../clock.ts';
import type { Home } from '../config/home.ts';
import { withLock } from '../config/with-lock.ts';
import { RiosError } from '../errors/error.ts';
import type { WalletOrigin, WalletView } from '../schema/wallet.ts';
import type { OpenKeyStore, PasswordSource, WalletSecret } from './key-store.ts';
import { settle } from './settle.ts';
import { readWalletFile, type WalletFile, type WalletRecord, writeWalletFile } from './wallet-file.ts';
import { checkFree, checkWalletName, findRecord, toView, withoutRecord, withRecord } from './wallet-list.ts';

/** Signs for a wallet; connected to no chain. */
export type WalletSigner = Wallet;

export interface WalletsOptions {
  readonly home: Pick<Home, 'walletsFile'>;
  /** Opened when a key is first needed. */
  readonly keyStore: OpenKeyStore;
  readonly clock: Pick<Clock, 'now'>;
}

/** The wallets of this user: what is known about them in wallets.json, their keys in a key store. */
export interface Wallets {
  list(): Promise<WalletView[]>;
  /** The one named, or the one in use. @throws RiosError WALLET_NOT_FOUND */
  get(name?: string): Promise<WalletView>;
  /** A new key from 12 new words. @throws RiosError WALLET_EXISTS, USER_PASSWORD_WEAK */
  create(name: string, password: PasswordSource): Promise<WalletView>;
  /** @throws RiosError WALLET_MNEMONIC (which word), WALLET_EXISTS */
  importMnemonic(name: string, phrase: string, password: PasswordSource, index?: number): Promise<WalletView>;
  /** @throws RiosError USER_INVALID_REQUEST (its length, its range), WALLET_EXISTS */
  importKey(name: string, text: string, password: PasswordSource): Promise<WalletView>;
  /** A file of geth, ethers and others. @throws RiosError WALLET_KEYSTORE, WALLET_PASSWORD, WALLET_EXISTS */
  importKeystore(name: string, file: string, password: PasswordSource): Promise<WalletView>;
  /** The secret itself. @throws RiosError WALLET_NOT_FOUND, WALLET_PASSWORD, WALLET_KEYSTORE */
  export(name: string | undefined, password: PasswordSource): Promise<WalletSecret>;
  /** Makes it the one in use. @throws RiosError WALLET_NOT_FOUND */
  use(name: string): Promise<WalletView>;
  /** Removes it with its key. @throws RiosError WALLET_NOT_FOUND */
  remove(name: string): Promise<WalletView>;
  /** @throws RiosError WALLET_NOT_FOUND, WALLET_PASSWORD, WALLET_KEYSTORE */
  unlock(name: string | undefined, password: PasswordSource): Promise<WalletSigner>;
}

/** What the methods share: the file, always with what an interrupted process left brought to an end. */
function createShelf({ home, keyStore }: WalletsOptions) {
  const { walletsFile } = home;
  const write = (file: WalletFile) => writeWalletFile(walletsFile, file);

  const change = <T>(work: (file: WalletFile) => Promise<T>): Promise<T> =>
    withLock(dirname(walletsFile), 'wallets', async () => {
      const found = await readWalletFile(walletsFile);
      const settled = await settle(found, keyStore);
      if (settled !== found) await write(settled);
      return work(settled);
    });

  async function read(): Promise<WalletFile> {
    const found = await readWalletFile(walletsFile);
    const isSettled = found.wallets.every(({ state }) => state === 'ready');
    return isSettled ? found : change(async (file) => file);
  }

  return { read, write, change };
}

type Shelf = ReturnType<typeof createShelf>;

/**
 * Notes a key before it is put in its store, and that it is there afterwards: wherever this is cut off, the next
 * reader finds either a whole wallet or none.
 */
async function addRecord(
  shelf: Shelf,
  record: WalletRecord,
  place: () => Promise<void>,
): Promise<WalletView> {
  return shelf.change(async (file) => {
    checkFree(file, record.name, record.address);
    await shelf.write(withRecord(file, record));
    await place();
    const ready: WalletRecord = { ...record, state: 'ready' };
    const next = withRecord(file, ready);
    await shelf.write(next);
    return toView(next, ready);
  });
}

/** The other way round: what is about to go is noted first; a key that cannot be removed stays a wallet. */
async function removeRecord(shelf: Shelf, name: string, keyStore: OpenKeyStore): Promise<WalletView> {
  return shelf.change(async (file) => {
    const record = findRecord(file, name);
    const store = await keyStore(record.keystore);
    await shelf.write(withRecord(file, { ...record, state: 'removing' }));
    try {
      await store.delete(record.address);
    } catch (error) {
      await shelf.write(file);
      throw error;
    }
    await shelf.write(withoutRecord(file, record));
    return { ...toView(file, record), current: false };
  });
}

/**
 * Opens the wallets; nothing is read, and no key store opened, before it is needed. Two processes that change them
 * take turns. Every method throws WALLET_KEYSTORE when wallets.json is damaged.
 */
export function openWallets(options: WalletsOptions): Wallets {
  const { keyStore, clock } = options;
  const shelf = createShelf(options);

  async function add(
    name: string,
    kind: WalletOrigin,
    password: PasswordSource,
    make: () => Promise<WalletSecret>,
  ): Promise<WalletView> {
    checkWalletName(name);
    checkFree(await shelf.read(), name);
    const secret = await make();
    const { addressOf } = await import('./private-key.ts');
    const address = addressOf(secret);
    checkFree(await shelf.read(), name, address);
    const store = await keyStore();
    // asks for a password and takes its time: not while others wait
    const place = await store.prepare(address, secret, password);
    const record = {
      name,
      address,
      kind,
      keystore: store.kind,
      createdAt: clock.now(),
      state: 'adding',
    } as const;
    return addRecord(shelf, record, place);
  }

  async function secretOf(name: string | undefined, password: PasswordSource): Promise<WalletSecret> {
    const { keystore, address } = findRecord(await shelf.read(), name);
    const secret = await (await keyStore(keystore)).get(address, password);
    const { addressOf } = await import('./private-key.ts');
    if (addressOf(secret) === address) return secret;
    throw new RiosError('WALLET_KEYSTORE', `the key that is kept for ${address} is that of another address`);
  }

  return {
    async list() {
      const file = await shelf.read();
      return file.wallets.filter(({ state }) => state === 'ready').map((record) => toView(file, record));
    },
    async get(name) {
      const file = await shelf.read();
      return toView(file, findRecord(file, name));
    },
    create: (name, password) =>
      add(name, 'created', password, async () => (await import('./mnemonic.ts')).createSecret()),
    importMnemonic: (name, phrase, password, index) =>
      add(name, 'mnemonic', password, async () => {
        const { deriveSecret, parseMnemonic } = await import('./mnemonic.ts');
        return deriveSecret(parseMnemonic(phrase), index);
      }),
    importKey: (name, text, password) =>
      add(name, 'key', password, async () => (await import('./private-key.ts')).parsePrivateKey(text)),
    importKeystore: (name, file, password) =>
      add(name, 'keystore', password, async () =>
        (await import('./import-keystore.ts')).openKeystore(file, password),
      ),
    export: secretOf,
    use: (name) =>
      shelf.change(async (file) => {
        const record = findRecord(file, name);
        const next = { ...file, current: record.name };
        await shelf.write(next);
        return toView(next, record);
      }),
    remove: (name) => removeRecord(shelf, name, keyStore),
    async unlock(name, password) {
      const secret = await secretOf(name, password);
      return (await import('./private-key.ts')).signerOf(secret);
    },
  };
}
