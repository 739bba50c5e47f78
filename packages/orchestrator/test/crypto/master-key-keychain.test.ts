import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openSecretStore, type SecretStore } from '@rios/sdk/crypto/secret-store';
import { expect } from 'chai';
import { createMasterKeyFile } from '../../src/crypto/master-key-file.ts';
import { createMasterKeyKeychain } from '../../src/crypto/master-key-keychain.ts';
import { dropOldMasterKeys, loadMasterKeys, rotateMasterKeys } from '../../src/crypto/master-keys.ts';
import { expectError } from '../support/expect-error.ts';
import { createTempDirectory } from '../support/temp-directory.ts';

/** The store of secrets is the one in a file: the keychain's has the same suite, and test/e2e has a real one. */
describe('master key in a store of secrets', () => {
  let directory: Awaited<ReturnType<typeof createTempDirectory>>;
  let secrets: SecretStore;
  let file: string;
  beforeEach(async () => {
    directory = await createTempDirectory();
    file = join(directory.path, 'data', 'master.key');
    await mkdir(join(directory.path, 'data'));
    secrets = await openSecretStore({ choice: 'file', file: join(directory.path, 's.json'), note: () => {} });
  });
  afterEach(() => directory.remove());
  const place = (networkId = 'net_a') =>
    createMasterKeyKeychain(secrets, { networkId, dataDir: join(directory.path, 'data'), file });

  it('default: made once by several at once, kept under the name of its network, in no file', async () => {
    const made = await Promise.all([1, 2, 3].map(() => loadMasterKeys(place(), { create: true })));
    const other = await loadMasterKeys(place('net_b'), { create: true });

    expect(new Set(made.map(({ current }) => current.id)).size).to.equal(1);
    expect(other.current.id).to.not.equal(made[0]?.current.id);
    expect(await readdir(join(directory.path, 'data'))).to.not.include('master.key');
  });

  it('behaviour: it rotates, and old keys go', async () => {
    const before = await loadMasterKeys(place(), { create: true });
    const after = await place().alone(() => rotateMasterKeys(place()));
    expect(after.find(before.current.id)).to.deep.equal(before.current);

    await dropOldMasterKeys(place());
    expect((await loadMasterKeys(place(), { create: false })).all).to.deep.equal([after.current]);
  });

  it('behaviour: a master key file of before moves in, and is gone once it is there', async () => {
    const before = await loadMasterKeys(createMasterKeyFile(file), { create: true });
    const after = await loadMasterKeys(place(), { create: false });

    expect(after.current).to.deep.equal(before.current);
    expect(await readdir(join(directory.path, 'data'))).to.not.include('master.key');
  });

  it('error INTEGRITY_KEY_FILE: a store that keeps nothing; the file of before stays', async () => {
    await loadMasterKeys(createMasterKeyFile(file), { create: true });
    const text = await readFile(file, 'utf8');
    const forgetful = { place: 'nowhere', get: async () => undefined, set: async () => {} };
    const lost = createMasterKeyKeychain(forgetful, {
      networkId: 'net_a',
      dataDir: join(directory.path, 'data'),
      file,
    });

    await expectError(loadMasterKeys(lost, { create: true }), 'INTEGRITY_KEY_FILE');
    expect(await readFile(file, 'utf8')).to.equal(text);
  });

  it('error INTEGRITY_KEY_FILE: none there, or a damaged entry', async () => {
    await expectError(loadMasterKeys(place(), { create: false }), 'INTEGRITY_KEY_FILE');
    await secrets.set('orchestrator:net_a', 'damaged');
    await expectError(loadMasterKeys(place(), { create: true }), 'INTEGRITY_KEY_FILE');
  });
});
