import { spawnSync } from 'node:child_process';
import { chmod, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { RiosError } from '@rios/sdk/errors/error';
import type { KeyStore } from '@rios/sdk/wallet/key-store';
import { expect } from 'chai';
import { verifyMessage } from 'ethers';
import { tempFolder } from '../support/temp-folder.ts';
import { failure } from './support/failure.ts';
import { foreignKeystore } from './support/foreign-keystore.ts';
import { passwords } from './support/passwords.ts';
import { KEY, KEY_ADDRESS, PHRASE, PHRASE_ADDRESS } from './support/vectors.ts';
import { keyStoresOf, walletsOf } from './support/wallets-of.ts';

describe('wallet/wallets', () => {
  let home: string;
  beforeEach(() => {
    home = tempFolder();
  });
  const open = () => walletsOf(home);
  const json = () => join(home, 'wallets.json');
  const keyFiles = () => readdir(join(home, 'wallets')).catch(() => []);

  it('default', async () => {
    const created = await open().create('main', passwords());
    const signer = await open().unlock('main', passwords());

    expect(created).to.deep.include({
      name: 'main',
      kind: 'created',
      keystore: 'file',
      createdAt: 1000,
      current: true,
    });
    expect(signer).to.include({ address: created.address, provider: null });
    expect(verifyMessage('hello', await signer.signMessage('hello'))).to.equal(created.address);
    expect(await open().list()).to.deep.equal([created]);
  });

  it('behaviour: mnemonic, key and keystore file each give the wallet of their key', async () => {
    const file = join(home, 'foreign.json');
    await writeFile(file, JSON.stringify(foreignKeystore(`0x${'11'.repeat(32)}`, 'testpassword!')), {
      mode: 0o600,
    });

    const views = [
      await open().importMnemonic('words', PHRASE, passwords()),
      await open().importKey('key', KEY, passwords()),
      await open().importKeystore('file', file, passwords('testpassword!')),
    ];

    expect(views.map(({ kind, address, current }) => [kind, address, current])).to.deep.equal([
      ['mnemonic', PHRASE_ADDRESS, true],
      ['key', KEY_ADDRESS, false],
      ['keystore', '0x19E7E376E7C213B7E7e7e46cc70A5dD086DAff2A', false],
    ]);
    expect(await open().export('words', passwords())).to.deep.include({
      mnemonic: { phrase: PHRASE, path: "m/44'/60'/0'/0/0" },
    });
    expect(await open().export('key', passwords())).to.deep.equal({ privateKey: KEY });
    expect((await open().export('file', passwords('testpassword!'))).privateKey).to.equal(
      `0x${'11'.repeat(32)}`,
    );
  });

  it('behaviour: our own keystore file brings the wallet back, words included', async () => {
    const created = await open().create('main', passwords());
    const { mnemonic } = await open().export('main', passwords());
    const [name = ''] = await keyFiles();
    const elsewhere = walletsOf(tempFolder());

    await elsewhere.importKeystore('again', join(home, 'wallets', name), passwords());

    expect(await elsewhere.export('again', passwords())).to.deep.include({ mnemonic });
    expect((await elsewhere.get()).address).to.equal(created.address);
  });

  it('behaviour: wallets.json has no key and no word, mode 0600; reading it opens no key store', async () => {
    await open().importMnemonic('main', PHRASE, passwords());
    const secret = (await open().export('main', passwords())).privateKey;
    const text = await readFile(json(), 'utf8');
    const blind = walletsOf(home, async () => Promise.reject(new Error('opened')));

    expect(text).not.to.include(secret.slice(2)).and.not.include('abandon');
    expect((await stat(json())).mode & 0o777).to.equal(0o600);
    expect((await blind.get()).name).to.equal('main');
    expect(await blind.list()).to.have.length(1);
    expect((await blind.use('main')).current).to.equal(true);
  });

  it('behaviour: use chooses; without the one in use none is', async () => {
    await open().importKey('one', KEY, passwords());
    await open().importMnemonic('two', PHRASE, passwords());
    await open().use('two');
    expect((await open().get()).name).to.equal('two');

    await open().remove('two');

    expect(await failure(open().get())).to.include({ code: 'WALLET_NOT_FOUND' });
    expect(await failure(open().get()))
      .to.have.property('hint')
      .that.includes('rios wallet use');
    expect((await open().list()).map(({ name, current }) => [name, current])).to.deep.equal([['one', false]]);
    expect(await keyFiles()).to.have.length(1);
  });

  it('error WALLET_NOT_FOUND', async () => {
    for (const work of [
      () => open().get(),
      () => open().get('x'),
      () => open().use('x'),
      () => open().remove('x'),
      () => open().unlock('x', passwords()),
    ]) {
      expect(await failure(work())).to.include({ code: 'WALLET_NOT_FOUND' });
    }
  });

  it('error WALLET_EXISTS: a name that is taken, in other capitals too, before anything is asked', async () => {
    await open().importKey('main', KEY, passwords());
    for (const name of ['main', 'MAIN']) {
      const source = passwords();
      expect(await failure(open().create(name, source)), name).to.include({ code: 'WALLET_EXISTS' });
      expect(source.asked).to.deep.equal([]);
    }
    expect(await keyFiles()).to.have.length(1);
  });

  it('error WALLET_EXISTS: a key that is here already, with the name of its wallet', async () => {
    await open().importKey('main', KEY, passwords());
    const error = await failure(open().importKey('other', KEY, passwords()));
    expect(error).to.include({ code: 'WALLET_EXISTS' }).and.have.property('message').that.includes('main');
  });

  it('error USER_INVALID_REQUEST: names that are none', async () => {
    for (const name of ['', '../up', 'a b', '-x', 'x'.repeat(65), 'a\nb']) {
      expect(await failure(open().create(name, passwords())), name).to.include({
        code: 'USER_INVALID_REQUEST',
      });
    }
    expect(await readdir(home)).to.deep.equal([]);
  });

  it('error WALLET_PASSWORD: nothing changes by a wrong one', async () => {
    await open().importKey('main', KEY, passwords());
    const before = await readFile(json(), 'utf8');
    expect(await failure(open().unlock('main', passwords('wrong horse battery')))).to.include({
      code: 'WALLET_PASSWORD',
    });
    expect(await readFile(json(), 'utf8')).to.equal(before);
  });

  it('error WALLET_KEYSTORE: the key of another address under this name', async () => {
    await open().importKey('main', KEY, passwords());
    await open().importMnemonic('other', PHRASE, passwords());
    const [own, foreign] = [KEY_ADDRESS, PHRASE_ADDRESS].map((each) =>
      join(home, 'wallets', `${each.toLowerCase()}.json`),
    ) as [string, string];
    await writeFile(own, await readFile(foreign));

    expect(await failure(open().unlock('main', passwords()))).to.include({ code: 'WALLET_KEYSTORE' });
  });

  it('error WALLET_KEYSTORE: a keystore file to import that is open to others', async () => {
    const file = join(home, 'foreign.json');
    await writeFile(file, JSON.stringify(foreignKeystore(KEY, 'testpassword')), { mode: 0o600 });
    await chmod(file, 0o644);
    const source = passwords();

    expect(await failure(open().importKeystore('main', file, source))).to.include({
      code: 'WALLET_KEYSTORE',
    });
    expect(source.asked).to.deep.equal([]);
  });

  it('error WALLET_KEYSTORE: wallets.json is damaged; it is left as it is', async () => {
    for (const text of ['', '{"format":', '[]', '{"format":"rios.wallets/2","current":null,"wallets":[]}']) {
      await writeFile(json(), text);
      expect(await failure(open().list()), text).to.include({ code: 'WALLET_KEYSTORE' });
      expect(await failure(open().create('main', passwords())), text).to.include({ code: 'WALLET_KEYSTORE' });
      expect(await readFile(json(), 'utf8')).to.equal(text);
    }
  });

  it('behaviour: wallets that are added at once are all kept', async () => {
    const names = ['a', 'b', 'c', 'd', 'e'];
    await Promise.all(
      names.map((name, index) => open().importKey(name, String(index + 1).padStart(64, '0'), passwords())),
    );

    const list = await open().list();
    expect(list.map(({ name }) => name).sort()).to.deep.equal(names);
    expect(list.filter(({ current }) => current)).to.have.length(1);
    for (const name of names) await open().unlock(name, passwords());
  }).timeout(30_000);

  it('behaviour: of two that want one name, one gets it, and no key of the other stays', async () => {
    const outcomes = await Promise.allSettled([
      open().importKey('main', KEY, passwords()),
      open().importMnemonic('main', PHRASE, passwords()),
    ]);

    expect(outcomes.map(({ status }) => status).sort()).to.deep.equal(['fulfilled', 'rejected']);
    expect(await keyFiles()).to.have.length(1);
    expect((await open().unlock('main', passwords())).address).to.equal((await open().get()).address);
  });

  describe('kill -9', () => {
    const DIE = fileURLToPath(new URL('./support/die.ts', import.meta.url));
    function kill(change: string, moment: string): void {
      const args = [
        '--conditions=@rios/source',
        '--disable-warning=ExperimentalWarning',
        DIE,
        home,
        change,
        moment,
      ];
      const { signal, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
      expect(signal, stderr).to.equal('SIGKILL');
    }

    it('behaviour: before the key is kept: no wallet, no trace, and the name is free', async () => {
      kill('add', 'noted');

      expect(await open().list()).to.deep.equal([]);
      expect(await keyFiles()).to.deep.equal([]);
      expect((await open().importKey('main', KEY, passwords())).current).to.equal(true);
    });

    it('behaviour: after the key is kept: the wallet is whole, and in use', async () => {
      kill('add', 'placed');

      expect((await open().get()).address).to.equal(KEY_ADDRESS);
      expect((await open().unlock('main', passwords())).address).to.equal(KEY_ADDRESS);
      expect(await failure(open().importKey('main', KEY, passwords()))).to.include({ code: 'WALLET_EXISTS' });
    });

    for (const moment of ['noted', 'placed']) {
      it(`behaviour: while a wallet is removed, ${moment}: it is gone whole, and only it`, async () => {
        await open().importMnemonic('other', PHRASE, passwords());
        await open().importKey('main', KEY, passwords());
        kill('remove', moment);

        expect((await open().list()).map(({ name }) => name)).to.deep.equal(['other']);
        expect(await keyFiles()).to.deep.equal([`${PHRASE_ADDRESS.toLowerCase()}.json`]);
        expect((await open().unlock('other', passwords())).address).to.equal(PHRASE_ADDRESS);
      });
    }

    it('behaviour: a half-written file beside wallets.json goes with the next change', async () => {
      await open().importKey('main', KEY, passwords());
      await writeFile(`${json()}.0123456789ab.tmp`, '{"form');

      expect((await open().get()).name).to.equal('main');
      await open().use('main');

      expect((await readdir(home)).filter((name) => name.endsWith('.tmp'))).to.deep.equal([]);
    });

    it('behaviour: what cannot be decided, since its store is locked, stays until it can', async () => {
      kill('add', 'placed');
      const locked = walletsOf(home, async () => {
        throw new RiosError('RUNTIME_KEYCHAIN', 'locked');
      });

      expect(await locked.list()).to.deep.equal([]);
      expect(await failure(locked.create('main', passwords()))).to.include({ code: 'WALLET_EXISTS' });
      expect((await open().get()).address).to.equal(KEY_ADDRESS);
    });
  }).timeout(30_000);

  it('behaviour: a store that refuses a key leaves no wallet', async () => {
    const { keyStore } = keyStoresOf(home);
    const refusing = async (): Promise<KeyStore> => ({
      ...(await keyStore('file')),
      prepare: async () => async () => {
        throw new RiosError('CAPACITY_DISK', 'the disk is full');
      },
    });

    expect(await failure(walletsOf(home, refusing).importKey('main', KEY, passwords()))).to.include({
      code: 'CAPACITY_DISK',
    });
    expect(await open().list()).to.deep.equal([]);
    expect((await open().importKey('main', KEY, passwords())).name).to.equal('main');
  });

  it('behaviour: a store that does not let go of a key keeps its wallet', async () => {
    await open().importKey('main', KEY, passwords());
    const { keyStore } = keyStoresOf(home);
    const holding = async (): Promise<KeyStore> => ({
      ...(await keyStore('file')),
      delete: async () => {
        throw new RiosError('RUNTIME_KEYCHAIN', 'locked');
      },
    });

    expect(await failure(walletsOf(home, holding).remove('main'))).to.include({ code: 'RUNTIME_KEYCHAIN' });
    expect((await open().get()).name).to.equal('main');
  });

  it('error WALLET_KEYSTORE: the key file was taken away', async () => {
    await open().importKey('main', KEY, passwords());
    await rm(join(home, 'wallets'), { recursive: true });
    expect(await failure(open().unlock('main', passwords()))).to.include({ code: 'WALLET_KEYSTORE' });
  });
}).timeout(30_000);
