import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { createSecretBox } from '../../src/auth/secret-box.ts';
import {
  chooseMasterKeyPlace,
  createMasterKeyLoader,
  type MasterKeyChoice,
} from '../../src/crypto/choose-master-keys.ts';
import { insertSigningKey } from '../../src/store/sessions-keys.ts';
import type { Store } from '../../src/store/store.ts';
import { expectError } from '../support/expect-error.ts';
import { openMemoryStore } from '../support/seed-store.ts';
import { createTempDirectory } from '../support/temp-directory.ts';

describe('choice of the master key', () => {
  let directory: Awaited<ReturnType<typeof createTempDirectory>>;
  let store: Store;
  const bus = { ...process.env };
  beforeEach(async () => {
    directory = await createTempDirectory();
    store = await openMemoryStore();
    delete process.env.DBUS_SESSION_BUS_ADDRESS;
    delete process.env.XDG_RUNTIME_DIR;
  });
  afterEach(async () => {
    for (const name of ['DBUS_SESSION_BUS_ADDRESS', 'XDG_RUNTIME_DIR']) {
      if (bus[name] !== undefined) process.env[name] = bus[name];
    }
    await store.destroy();
    await directory.remove();
  });
  const choose = (over: Partial<MasterKeyChoice>) => {
    const ownFile = join(directory.path, 'master.key');
    const choice = { sharedFile: undefined, kind: 'file' as const, ownFile, dataDir: directory.path };
    return chooseMasterKeyPlace({ ...choice, ...over }, 'net_a');
  };

  it('default: the file of the data directory', async () => {
    expect(await choose({})).to.include({ kind: 'file', name: join(directory.path, 'master.key') });
  });

  it('behaviour: a shared file wins, also over the keychain', async () => {
    expect(await choose({ sharedFile: '/run/key', kind: 'keychain' })).to.include({
      kind: 'file',
      name: '/run/key',
    });
  });

  it('error RUNTIME_KEYCHAIN: no keychain can be used here', async function () {
    if (process.platform !== 'linux') this.skip();
    const error = await expectError(choose({ kind: 'keychain' }), 'RUNTIME_KEYCHAIN');
    expect(error.message).to.contain('session bus');
  });

  it('behaviour: a new key is made for the first secret only, and never in the place of a shared one', async () => {
    const place = await choose({});
    const box = createSecretBox(createMasterKeyLoader(place, { store, isShared: false }));
    const sharedBox = createSecretBox(createMasterKeyLoader(place, { store, isShared: true }));
    await expectError(sharedBox.seal('x', 'y'), 'INTEGRITY_KEY_FILE');
    await expectError(box.open('rios1.0.x.x', 'y'), 'INTEGRITY_KEY_FILE');
    expect(await readdir(directory.path)).to.deep.equal([]);

    const envelope = await box.seal('secret', 'signing_keys:kid');
    expect(await box.open(envelope, 'signing_keys:kid')).to.equal('secret');
  });

  it('error INTEGRITY_KEY_FILE: the key is lost while secrets are sealed: none takes its place', async () => {
    const row = {
      kid: 'kid',
      public_key: 'x',
      private_envelope: 'rios1.0123456789abcdef.x.x',
      created_at: 1,
    };
    await insertSigningKey(store, row);
    const box = createSecretBox(createMasterKeyLoader(await choose({}), { store, isShared: false }));

    const error = await expectError(box.seal('x', 'y'), 'INTEGRITY_KEY_FILE');
    expect(error.hint).to.contain('backup');
    expect(await readdir(directory.path)).to.deep.equal([]);
  });
});
