import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { createSecretBox } from '../../packages/orchestrator/src/auth/secret-box.ts';
import { createMasterKeys } from '../../packages/orchestrator/src/crypto/master-keys.ts';
import { openNetworkKey } from '../../packages/orchestrator/src/network-key.ts';
import type { Store } from '../../packages/orchestrator/src/store/store.ts';
import { expectError } from '../../packages/orchestrator/test/support/expect-error.ts';

const boxOf = (key = randomBytes(32)) => createSecretBox(async () => createMasterKeys([key]));

/** How the orchestrators of a store come to one network key, on every database. */
export function describeNetworkKey(open: () => Promise<Store>): void {
  let store: Store;
  let folder: string;
  beforeEach(async () => {
    store = await open();
    folder = await mkdtemp(join(tmpdir(), 'rios-network-key-'));
  });
  afterEach(async () => {
    await store.destroy();
    await rm(folder, { recursive: true, force: true });
  });

  const fileOf = (name: string) => join(folder, name);
  const start = (name: string, shared: ReturnType<typeof boxOf> | undefined) =>
    openNetworkKey({ store, file: fileOf(name), shared, now: 1 });
  const rows = async () => ({
    facts: await store.selectFrom('network').selectAll().execute(),
    keys: await store.selectFrom('network_keys').selectAll().execute(),
  });

  it('default: a second orchestrator with an empty directory takes the key from the store', async () => {
    const shared = boxOf();
    const first = await start('first', shared);
    const second = await start('second', shared);

    expect(second).to.deep.equal(first);
    expect((await stat(fileOf('second'))).mode & 0o777).to.equal(0o600);
    expect(await readFile(fileOf('second'), 'utf8')).to.equal(await readFile(fileOf('first'), 'utf8'));
    const seed = Buffer.from(first.privateKey).toString('base64url');
    expect(JSON.stringify(await rows())).to.not.contain(seed);
  });

  it('behaviour: ten first starts at once end with one network', async () => {
    const shared = boxOf();
    const names = Array.from({ length: 10 }, (_, index) => `at-once-${index}`);
    const keys = await Promise.all(names.map((name) => start(name, shared)));

    expect(new Set(keys.map(({ networkId }) => networkId)).size).to.equal(1);
    const files = await Promise.all(names.map((name) => readFile(fileOf(name), 'utf8')));
    expect(new Set(files).size).to.equal(1);
    expect((await rows()).keys).to.have.length(1);
  });

  it('behaviour: a network of before is sealed when a master key is shared', async () => {
    const alone = await start('first', undefined);
    expect((await rows()).keys).to.deep.equal([]);
    const shared = boxOf();
    expect((await start('first', shared)).networkId).to.equal(alone.networkId);

    expect((await start('second', shared)).networkId).to.equal(alone.networkId);
  });

  it('error INTEGRITY_SECRET: another master key; nothing is written', async () => {
    await start('first', boxOf());
    const before = await rows();

    for (const name of ['second', 'first']) {
      const error = await expectError(start(name, boxOf()), 'INTEGRITY_SECRET');
      expect(error.hint).to.contain('RIOS_MASTER_KEY_FILE');
    }
    expect(await readdir(folder)).to.deep.equal(['first']);
    expect(await rows()).to.deep.equal(before);
  });

  it('error INTEGRITY_KEY_FILE: no key, or another one, where the store has a network; nothing is written', async () => {
    const { networkId } = await start('first', undefined);
    const before = await rows();

    const error = await expectError(start('second', undefined), 'INTEGRITY_KEY_FILE');
    expect(error.message).to.contain(networkId).and.contain('missing');
    await expectError(start('second', boxOf()), 'INTEGRITY_KEY_FILE');
    expect(await readdir(folder)).to.deep.equal(['first']);
    await store.deleteFrom('network').execute();
    await rm(fileOf('first'));
    await start('first', undefined);
    await store.updateTable('network').set({ value: networkId }).execute();
    const other = await expectError(start('first', undefined), 'INTEGRITY_KEY_FILE');
    expect(other.details).to.deep.include({ expected: networkId });
    expect(await rows()).to.deep.equal(before);
  });

  it('error INTEGRITY_KEY_FILE: a damaged file is not replaced from the store', async () => {
    const shared = boxOf();
    await start('first', shared);
    await writeFile(fileOf('second'), '{}', { mode: 0o600 });

    await expectError(start('second', shared), 'INTEGRITY_KEY_FILE');
    expect(await readFile(fileOf('second'), 'utf8')).to.equal('{}');
  });
}
