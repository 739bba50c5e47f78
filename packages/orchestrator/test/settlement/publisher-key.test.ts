import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { Wallet } from 'ethers';
import { deriveDevAccounts } from '../../src/chain/dev-accounts.ts';
import { ensureDevMnemonic } from '../../src/chain/dev-mnemonic.ts';
import { publisherKeyVersion, readPublisherKey } from '../../src/settlement/publisher-key.ts';
import { createTempDirectory } from '../support/temp-directory.ts';

const KEY = `0x${'17'.repeat(32)}`;
const PASSWORD = 'violet tundra harbour 7';
const DEV = { isDevChain: true };
const REAL = { isDevChain: false };

describe('readPublisherKey', () => {
  let directory: Awaited<ReturnType<typeof createTempDirectory>>;
  beforeEach(async () => {
    directory = await createTempDirectory();
  });
  afterEach(() => directory.remove());

  const at = (name: string) => join(directory.path, name);
  const write = async (name: string, text: string, mode = 0o600) => {
    await writeFile(at(name), text);
    await chmod(at(name), mode);
    return at(name);
  };
  const none = { keyFile: undefined, passwordFile: undefined, chainFile: undefined };
  const failure = async (work: Promise<unknown>) => {
    const error = await work.then(
      () => expect.fail('it was taken'),
      (thrown: unknown) => thrown,
    );
    expect(String(error)).to.not.contain(KEY.slice(2)).and.not.contain(PASSWORD);
    return error as { code: string };
  };

  it('default: a private key in a file for its owner alone', async () => {
    const keyFile = await write('key', `${KEY}\n`);
    expect((await readPublisherKey({ ...none, keyFile }, REAL))?.address).to.equal(new Wallet(KEY).address);
  });

  it('option: an encrypted keystore with its password in another file', async () => {
    const keystore = await new Wallet(KEY).encrypt(PASSWORD);
    const keyFile = await write('key.json', keystore);
    const passwordFile = await write('password', `${PASSWORD}\n`);
    const wrong = await write('wrong', 'another password 99');

    expect((await readPublisherKey({ ...none, keyFile, passwordFile }, REAL))?.address).to.equal(
      new Wallet(KEY).address,
    );
    const place = { ...none, keyFile };
    expect((await failure(readPublisherKey(place, REAL))).code).to.equal('WALLET_PASSWORD');
    expect((await failure(readPublisherKey({ ...place, passwordFile: wrong }, REAL))).code).to.equal(
      'WALLET_PASSWORD',
    );
  }).timeout(60_000);

  it('behaviour: a dev chain’s own words give the key; without them, or on another chain, there is none', async () => {
    const chainFile = at('chain.json');
    const place = { ...none, chainFile };
    const before = await readPublisherKey(place, DEV);
    const words = await ensureDevMnemonic(at('chain.mnemonic'), at('chain.journal'), (size) =>
      new Uint8Array(size).fill(5),
    );

    expect(before).to.equal(undefined);
    expect((await readPublisherKey(place, DEV))?.address).to.equal(
      deriveDevAccounts(words).publisher.address,
    );
    expect(await readPublisherKey(place, REAL)).to.equal(undefined);
    expect(await readPublisherKey(none, DEV)).to.equal(undefined);
  });

  it('behaviour: its version changes when the file does', async () => {
    const keyFile = await write('key', KEY);
    const place = { ...none, keyFile };
    const first = await publisherKeyVersion(place, false);
    const again = await publisherKeyVersion(place, false);
    await write('key', `0x${'18'.repeat(32)}\n`);

    expect(again).to.equal(first);
    expect(await publisherKeyVersion(place, false)).to.not.equal(first);
    expect(await publisherKeyVersion({ ...none, keyFile: at('gone') }, false)).to.equal('ENOENT');
  });

  for (const [what, text, mode, code] of [
    ['open to others', KEY, 0o640, 'WALLET_KEYSTORE'],
    ['no key', 'not a key', 0o600, 'USER_INVALID_REQUEST'],
    ['too short', KEY.slice(0, 40), 0o600, 'USER_INVALID_REQUEST'],
    ['out of range', `0x${'f'.repeat(64)}`, 0o600, 'USER_INVALID_REQUEST'],
    ['a damaged keystore', '{"version": 3}', 0o600, 'WALLET_KEYSTORE'],
    ['too large', 'f'.repeat(70_000), 0o600, 'WALLET_KEYSTORE'],
  ] as const) {
    it(`error ${code}: the file is ${what}`, async () => {
      const keyFile = await write('key', text, mode);
      expect((await failure(readPublisherKey({ ...none, keyFile }, REAL))).code).to.equal(code);
    });
  }
});
