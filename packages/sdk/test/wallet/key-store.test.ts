import { spawnSync } from 'node:child_process';
import { chmod, mkdir, readdir, readFile, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { addressOf } from '@rios/sdk/wallet/private-key';
import { expect } from 'chai';
import { planKeychain, type StopKeychain, startKeychain } from '../crypto/support/keychain-session.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { failure } from './support/failure.ts';
import { behavesAsKeyStore } from './support/key-store-suite.ts';
import { passwords } from './support/passwords.ts';
import { KEY, KEY_ADDRESS } from './support/vectors.ts';
import { keyStoresOf } from './support/wallets-of.ts';

const secret = { privateKey: KEY };

describe('wallet/key-store: files', () => {
  let home: string;
  beforeEach(() => {
    home = tempFolder();
  });
  const open = () => keyStoresOf(home).keyStore('file');
  const file = () => join(home, 'wallets', `${KEY_ADDRESS.toLowerCase()}.json`);
  async function keep() {
    const store = await open();
    await (await store.prepare(KEY_ADDRESS, secret, passwords()))();
    return store;
  }

  behavesAsKeyStore(open);

  it('behaviour: one file, 0600, without the key; nobody else can list the directory', async () => {
    await keep();

    expect(await readdir(join(home, 'wallets'))).to.have.length(1);
    expect((await stat(file())).mode & 0o777).to.equal(0o600);
    expect((await stat(join(home, 'wallets'))).mode & 0o777).to.equal(0o700);
    expect(await readFile(file(), 'utf8')).not.to.include(KEY.slice(2));
  });

  it('behaviour: the address of the file is that of its key', () =>
    expect(addressOf(secret)).to.equal(KEY_ADDRESS));

  it('behaviour: deleting removes what an interrupted write left, and nothing else', async () => {
    const store = await keep();
    const other = join(home, 'wallets', '0xother.json.12.tmp');
    await writeFile(`${file()}.0123456789ab.tmp`, 'half');
    await writeFile(other, 'of another');

    await store.delete(KEY_ADDRESS);

    expect(await readdir(join(home, 'wallets'))).to.deep.equal(['0xother.json.12.tmp']);
  });

  it('error WALLET_PASSWORD', async () => {
    const store = await keep();
    expect(await failure(store.get(KEY_ADDRESS, passwords('wrong horse battery')))).to.include({
      code: 'WALLET_PASSWORD',
    });
  });

  for (const mode of [0o640, 0o604, 0o660, 0o620]) {
    it(`error WALLET_KEYSTORE: mode ${mode.toString(8)}, before a password is asked for`, async () => {
      const store = await keep();
      await chmod(file(), mode);
      const source = passwords();
      const error = await failure(store.get(KEY_ADDRESS, source));

      expect(error).to.include({ code: 'WALLET_KEYSTORE' });
      expect(error.hint).to.include('chmod 600');
      expect(source.asked).to.deep.equal([]);
    });
  }

  it('error WALLET_KEYSTORE: truncated at any place, before a password is asked for', async () => {
    const store = await keep();
    const text = await readFile(file(), 'utf8');
    for (let size = 0; size < text.length - 2; size += 41) {
      await writeFile(file(), text);
      await truncate(file(), size);
      const source = passwords();
      expect(await failure(store.get(KEY_ADDRESS, source)), `${size} bytes`).to.include({
        code: 'WALLET_KEYSTORE',
      });
      expect(source.asked).to.deep.equal([]);
    }
  });

  it('error WALLET_KEYSTORE: a directory, a pipe, a file of a megabyte', async () => {
    const store = await open();
    await mkdir(file(), { recursive: true, mode: 0o700 });
    const refused = async (address: string) => {
      const { code, message } = await failure(store.get(address, passwords()));
      expect(code).to.equal('WALLET_KEYSTORE');
      return message.replace(/^.*\.json /, '');
    };
    expect(await refused(KEY_ADDRESS)).to.equal('is no file');

    const other = '0x000000000000000000000000000000000000dEaD';
    const pipe = join(home, 'wallets', `${other.toLowerCase()}.json`);
    spawnSync('mkfifo', ['-m', '600', pipe]);
    expect(await refused(other)).to.equal('is no file');

    const large = '0x000000000000000000000000000000000000bEEF';
    await writeFile(join(home, 'wallets', `${large.toLowerCase()}.json`), ' '.repeat(2 ** 20), {
      mode: 0o600,
    });
    expect(await refused(large)).to.equal('is too large to be a keystore file');
  });
});

const plan = await planKeychain();
if (plan.kind === 'none') console.log(`wallet/key-store: keychain: not tested here: ${plan.reason}`);
else {
  describe('wallet/key-store: keychain', () => {
    let stop: StopKeychain;
    let home: string;
    before(async () => {
      stop = await startKeychain(plan);
      home = tempFolder();
    });
    after(() => stop());

    behavesAsKeyStore(() => keyStoresOf(home).keyStore('keychain'));

    it('behaviour: auto takes it, says so, asks for no password, and writes no file', async () => {
      const { keyStore, notes } = keyStoresOf(home, 'auto');
      const store = await keyStore();
      const source = passwords();
      await (await store.prepare(KEY_ADDRESS, secret, source))();

      expect(await store.get(KEY_ADDRESS, source)).to.deep.equal(secret);
      expect(source.asked).to.deep.equal([]);
      expect(notes).to.deep.equal([`Keys of wallets: ${store.place}`]);
      expect(store.place).to.match(/^the keychain, by (keytar|@napi-rs\/keyring)$/);
      expect(await readdir(home)).to.deep.equal([]);
      await store.delete(KEY_ADDRESS);
    });
  }).timeout(30_000);
}

describe('wallet/key-store: choice', () => {
  const kept = { ...process.env };
  beforeEach(() => {
    delete process.env.DBUS_SESSION_BUS_ADDRESS;
    delete process.env.XDG_RUNTIME_DIR;
  });
  afterEach(() => {
    Object.assign(process.env, kept);
  });
  const onLinux = process.platform === 'linux' ? it : it.skip;

  onLinux(
    'behaviour: auto falls back to files where there is no keychain, and says so with the reason',
    async () => {
      const { keyStore, notes } = keyStoresOf(tempFolder(), 'auto');

      expect(await keyStore()).to.include({ kind: 'file' });
      expect(notes).to.have.length(1);
      expect(notes[0]).to.include('encrypted files').and.include('no session bus');
    },
  );

  onLinux('error RUNTIME_KEYCHAIN: keychain where there is none', async () => {
    expect(await failure(keyStoresOf(tempFolder(), 'keychain').keyStore())).to.include({
      code: 'RUNTIME_KEYCHAIN',
    });
  });
});
