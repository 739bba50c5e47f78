import { chmod, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { createMasterKeyFile } from '../../src/crypto/master-key-file.ts';
import { loadMasterKeys, rotateMasterKeys } from '../../src/crypto/master-keys.ts';
import { expectError } from '../support/expect-error.ts';
import { createTempDirectory } from '../support/temp-directory.ts';

describe('master keys', () => {
  let directory: Awaited<ReturnType<typeof createTempDirectory>>;
  let file: string;
  beforeEach(async () => {
    directory = await createTempDirectory();
    file = join(directory.path, 'keys', 'master.key');
  });
  afterEach(() => directory.remove());

  it('default: the file is made once, for its owner alone, and read from then on', async () => {
    const made = await Promise.all(
      Array.from({ length: 5 }, () => loadMasterKeys(createMasterKeyFile(file), { create: true })),
    );
    const ids = new Set(made.map(({ current }) => current.id));

    expect(ids.size).to.equal(1);
    expect((await stat(file)).mode & 0o777).to.equal(0o600);
    expect((await loadMasterKeys(createMasterKeyFile(file), { create: false })).current).to.deep.equal(
      made[0]?.current,
    );
    expect(await readdir(join(directory.path, 'keys')), 'no draft is left').to.deep.equal(['master.key']);
  });

  it('behaviour: the id does not tell the key', async () => {
    const { current } = await loadMasterKeys(createMasterKeyFile(file), { create: true });

    expect(current.id).to.match(/^[0-9a-f]{16}$/);
    expect(Buffer.from(current.bytes).toString('hex')).to.not.contain(current.id);
  });

  it('behaviour: rotation puts a new key first and keeps the old one', async () => {
    const before = await loadMasterKeys(createMasterKeyFile(file), { create: true });
    const after = await rotateMasterKeys(createMasterKeyFile(file));

    expect(after.current.id).to.not.equal(before.current.id);
    expect(after.find(before.current.id)).to.deep.equal(before.current);
    expect((await loadMasterKeys(createMasterKeyFile(file), { create: false })).current).to.deep.equal(
      after.current,
    );
    expect((await stat(file)).mode & 0o777).to.equal(0o600);
  });

  it('error INTEGRITY_KEY_FILE: others may open it', async () => {
    await loadMasterKeys(createMasterKeyFile(file), { create: true });
    for (const mode of [0o640, 0o604, 0o660]) {
      await chmod(file, mode);
      const error = await expectError(
        loadMasterKeys(createMasterKeyFile(file), { create: true }),
        'INTEGRITY_KEY_FILE',
      );
      expect(error.message).to.contain('chmod 600');
    }
  });

  it('error INTEGRITY_KEY_FILE: missing where it must be there, damaged, truncated, or too long', async () => {
    await expectError(loadMasterKeys(createMasterKeyFile(file), { create: false }), 'INTEGRITY_KEY_FILE');
    await loadMasterKeys(createMasterKeyFile(file), { create: true });
    const text = await readFile(file, 'utf8');
    for (const bad of [
      '',
      text.slice(0, 50),
      text.replace('/1', '/2'),
      '[]',
      `${text}${' '.repeat(20_000)}`,
    ]) {
      await writeFile(file, bad);
      await expectError(loadMasterKeys(createMasterKeyFile(file), { create: true }), 'INTEGRITY_KEY_FILE');
      await expectError(rotateMasterKeys(createMasterKeyFile(file)), 'INTEGRITY_KEY_FILE');
      expect(await readFile(file, 'utf8'), 'it is left as it was').to.equal(bad);
    }
  });
});
