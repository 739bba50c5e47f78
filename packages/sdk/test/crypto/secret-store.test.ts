import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSecretStore, parseKeystore } from '@rios/sdk/crypto/secret-store';
import type { RiosError } from '@rios/sdk/errors/error';
import { expect } from 'chai';
import { planKeychain, type StopKeychain, startKeychain } from './support/keychain-session.ts';
import { behavesAsSecretStore } from './support/secret-store-suite.ts';

const ORIGIN = 'https://rios.test:7070';

describe('crypto/secret-store: file', () => {
  let directory: string;
  let notes: string[];
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'rios-secrets-'));
    notes = [];
  });
  afterEach(() => rm(directory, { recursive: true, force: true }));

  const file = () => join(directory, 'secrets.json');
  const open = (password?: string) =>
    openSecretStore({ choice: 'file', file: file(), password, note: (text) => notes.push(text) });
  const failure = (work: Promise<unknown>) => work.then(String, (error: RiosError) => error);
  const modeOf = async (name: string) => (await stat(join(directory, name))).mode & 0o777;

  describe('with a key file', () => behavesAsSecretStore(() => open()));
  describe('with a password', () => behavesAsSecretStore(() => open('correct horse')));

  it('behaviour: the secret stands in no file, and all files are 0600', async () => {
    await (await open()).set(ORIGIN, 'top-secret-token');

    const names = (await readdir(directory)).filter(
      (name) => name.startsWith('secrets.') && !/lock/.test(name),
    );
    expect(names.sort()).to.deep.equal(['secrets.json', 'secrets.key']);
    for (const name of names) {
      expect(await modeOf(name), name).to.equal(0o600);
      expect(await readFile(join(directory, name), 'utf8'), name)
        .not.to.include('top-secret-token')
        .and.not.include('rios.test');
    }
  });

  it('behaviour: a key file beside it is said once, a password leaves none', async () => {
    await (await open()).set(ORIGIN, 'one');
    await (await open()).set(ORIGIN, 'two');
    expect(notes).to.have.length(1);
    expect(notes[0]).to.include('RIOS_PASSWORD').and.not.include('one');
  });

  it('behaviour: with a password there is no key file and nothing is said', async () => {
    await (await open('correct horse')).set(ORIGIN, 'one');
    expect(await readdir(directory)).not.to.include('secrets.key');
    expect(notes).to.deep.equal([]);
  });

  it('behaviour: a password given later takes over from the key file', async () => {
    await (await open()).set(ORIGIN, 'one');
    await (await open('correct horse')).set('https://other:1', 'two');
    await rm(join(directory, 'secrets.key'));

    expect(await (await open('correct horse')).get(ORIGIN)).to.equal('one');
    expect(await failure((await open()).get(ORIGIN))).to.include({ code: 'AUTH_KEYSTORE_LOCKED' });
  });

  it('error AUTH_KEYSTORE_LOCKED: a wrong password reads nothing and changes nothing', async () => {
    await (await open('correct horse')).set(ORIGIN, 'one');
    const before = await readFile(file(), 'utf8');

    const wrong = await open('wrong horse');
    expect(await failure(wrong.get(ORIGIN))).to.include({ code: 'AUTH_KEYSTORE_LOCKED' });
    expect(await failure(wrong.set(ORIGIN, 'two'))).to.include({ code: 'AUTH_KEYSTORE_LOCKED' });
    expect(await readFile(file(), 'utf8')).to.equal(before);
  });

  it('error INTEGRITY_KEY_FILE: any changed part of the file', async () => {
    await (await open()).set(ORIGIN, 'one');
    const text = await readFile(file(), 'utf8');
    const parsed = JSON.parse(text) as Record<string, unknown>;
    const { box, nonce } = parsed as { box: string; nonce: string };
    const flip = (value: string) => (value[0] === 'A' ? 'B' : 'A') + value.slice(1);
    for (const bad of [
      '',
      'null',
      text.slice(0, 40),
      JSON.stringify({ ...parsed, box: flip(box) }),
      JSON.stringify({ ...parsed, nonce: flip(nonce) }),
      JSON.stringify({ ...parsed, box: 'AAAA' }),
      JSON.stringify({ ...parsed, format: 'rios-secrets/2' }),
      JSON.stringify({ ...parsed, more: 1 }),
    ]) {
      await writeFile(file(), bad);
      const error = await failure((await open()).get(ORIGIN));
      expect(error, bad.slice(0, 60)).to.include({ code: 'INTEGRITY_KEY_FILE' });
    }
  });

  it('error INTEGRITY_KEY_FILE: the key file is gone, damaged or open to others', async () => {
    await (await open()).set(ORIGIN, 'one');
    const keyFile = join(directory, 'secrets.key');
    await chmod(keyFile, 0o644);
    expect(await failure((await open()).get(ORIGIN))).to.include({ code: 'INTEGRITY_KEY_FILE' });
    await chmod(keyFile, 0o600);
    await writeFile(keyFile, 'short');
    expect(await failure((await open()).get(ORIGIN))).to.include({ code: 'INTEGRITY_KEY_FILE' });
    await rm(keyFile);
    expect(await failure((await open()).get(ORIGIN))).to.include({ code: 'INTEGRITY_KEY_FILE' });
  });

  it('error INTEGRITY_KEY_FILE: the file of secrets is open to others', async () => {
    await (await open()).set(ORIGIN, 'one');
    await chmod(file(), 0o640);
    expect(await failure((await open()).get(ORIGIN))).to.include({ code: 'INTEGRITY_KEY_FILE' });
  });
});

function keychainTests(): void {
  let stop: StopKeychain;
  let directory: string;
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'rios-secrets-'));
    stop = await startKeychain(plan);
  });
  after(async () => {
    await stop();
    await rm(directory, { recursive: true, force: true });
  });

  const open = (choice: 'auto' | 'keychain') =>
    openSecretStore({ choice, file: join(directory, 'secrets.json'), note: () => {} });

  behavesAsSecretStore(() => open('keychain'));

  it('behaviour: auto takes the keychain, and writes no file', async () => {
    const store = await open('auto');
    await store.set('https://auto.test', 'one');
    expect(store.kind).to.equal('keychain');
    expect(await readdir(directory)).to.deep.equal([]);
    await store.delete('https://auto.test');
  });
}

const plan = await planKeychain();
if (plan.kind === 'none') console.log(`crypto/secret-store: keychain: not tested here: ${plan.reason}`);
else describe('crypto/secret-store: keychain', keychainTests).timeout(30_000);

describe('crypto/secret-store: choice', () => {
  const kept = { ...process.env };
  beforeEach(() => {
    delete process.env.DBUS_SESSION_BUS_ADDRESS;
    delete process.env.XDG_RUNTIME_DIR;
  });
  afterEach(() => {
    Object.assign(process.env, kept);
  });
  const onLinux = process.platform === 'linux' ? it : it.skip;

  it('default', () => {
    expect([parseKeystore(undefined), parseKeystore(''), parseKeystore('file')]).to.deep.equal([
      'auto',
      'auto',
      'file',
    ]);
  });

  onLinux('behaviour: auto takes the file where there is no session bus', async () => {
    const store = await openSecretStore({
      choice: 'auto',
      file: '/nonexistent/secrets.json',
      note: () => {},
    });
    expect(store).to.include({ kind: 'file', place: '/nonexistent/secrets.json' });
  });

  onLinux('error RUNTIME_KEYCHAIN: keychain where there is none', async () => {
    const error = await openSecretStore({ choice: 'keychain', file: '/x', note: () => {} }).catch(
      (thrown: RiosError) => thrown,
    );
    expect(error).to.include({ code: 'RUNTIME_KEYCHAIN' });
  });

  it('error USER_INVALID_REQUEST: a keystore that is none', () => {
    expect(() => parseKeystore('vault'))
      .to.throw()
      .with.property('code', 'USER_INVALID_REQUEST');
  });
});
