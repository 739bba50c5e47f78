import { chmod, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { deriveDevAccounts } from '../../src/chain/dev-accounts.ts';
import { ensureDevMnemonic } from '../../src/chain/dev-mnemonic.ts';
import { expectError } from '../support/expect-error.ts';
import { createTempDirectory } from '../support/temp-directory.ts';

describe('ensureDevMnemonic', () => {
  let directory: Awaited<ReturnType<typeof createTempDirectory>>;
  let file: string;
  let journal: string;
  beforeEach(async () => {
    directory = await createTempDirectory();
    file = join(directory.path, 'chain.mnemonic');
    journal = join(directory.path, 'chain.journal');
  });
  afterEach(() => directory.remove());
  const ensure = () => ensureDevMnemonic(file, journal, (size) => new Uint8Array(size).fill(7));
  const refused = async () => {
    const error = await expectError(ensure(), 'CHAIN_JOURNAL');
    expect(error.message).to.contain(file);
    return error;
  };

  it('default: twelve words, for the owner alone, the same ever after', async () => {
    const phrase = await ensure();

    expect(phrase.split(' ')).to.have.length(12);
    expect((await stat(file)).mode & 0o777).to.equal(0o600);
    expect(await ensure()).to.equal(phrase);
    const accounts = deriveDevAccounts(phrase);
    expect(new Set(Object.values(accounts).map(({ address }) => address)).size).to.equal(9);
  });

  it('error CHAIN_JOURNAL: others of this machine may read it', async () => {
    await ensure();
    await chmod(file, 0o640);

    expect((await refused()).message).to.contain('chmod 600');
  });

  it('error CHAIN_JOURNAL: it is lost, and the chain has begun', async () => {
    await ensure();
    await writeFile(journal, '');
    await rm(file);

    await refused();
  });

  it('error CHAIN_JOURNAL: a word is wrong; none of them is repeated', async () => {
    const phrase = await ensure();
    const [first = '', ...rest] = phrase.split(' ');
    await writeFile(file, ['zzzz', ...rest].join(' '));

    const error = await refused();
    expect(`${error.message} ${JSON.stringify(error.details)}`)
      .to.not.contain(rest[3])
      .and.not.contain(first);
    expect(await readFile(file, 'utf8')).to.contain('zzzz');
    await writeFile(file, 'word '.repeat(1000));
    expect((await refused()).message).to.contain('too long');
  });
});
