import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openSecretStore } from '@rios/sdk/crypto/secret-store';
import { openSessionKeys, type SessionKey } from '@rios/sdk/wallet/session-keys';
import { expect } from 'chai';
import { tempFolder } from '../support/temp-folder.ts';
import { failure } from './support/failure.ts';
import { KEY, KEY_ADDRESS, PHRASE_ADDRESS } from './support/vectors.ts';

const ESCROW = '0x000000000000000000000000000000000000dEaD';
const session = (fields: Partial<SessionKey> = {}): SessionKey => ({
  payer: PHRASE_ADDRESS,
  address: KEY_ADDRESS,
  privateKey: KEY,
  chainId: 31337,
  escrow: ESCROW,
  capWei: 5n * 10n ** 18n,
  expiresAt: 2000,
  ...fields,
});

describe('wallet/session-keys', () => {
  let home: string;
  beforeEach(() => {
    home = tempFolder();
  });
  const file = () => join(home, 'session-keys.json');
  const openStore = () =>
    openSecretStore({ choice: 'file', file: join(home, 'secrets.json'), note: () => {} });
  const open = () => openSessionKeys({ home: { sessionKeysFile: file() }, openStore });

  it('default', async () => {
    await open().add(session());

    const { privateKey: _key, ...view } = session();
    expect(await open().list()).to.deep.equal([view]);
    expect(await open().get(KEY_ADDRESS.toLowerCase())).to.deep.equal(session());
  });

  it('behaviour: no file has the key; all are 0600', async () => {
    await open().add(session());
    for (const name of ['session-keys.json', 'secrets.json', 'secrets.key']) {
      expect((await stat(join(home, name))).mode & 0o777, name).to.equal(0o600);
      expect(await readFile(join(home, name), 'utf8'), name).not.to.include(KEY.slice(2));
    }
  });

  it('behaviour: one of the same address is replaced, another stays', async () => {
    const other = session({ address: PHRASE_ADDRESS, privateKey: `0x${'22'.repeat(32)}` });
    await open().add(session());
    await open().add(other);
    await open().add(session({ capWei: 1n }));

    expect((await open().list()).map(({ address, capWei }) => [address, capWei])).to.deep.equal([
      [PHRASE_ADDRESS, other.capWei],
      [KEY_ADDRESS, 1n],
    ]);
  });

  it('behaviour: removed with its key, once', async () => {
    await open().add(session());

    expect([await open().remove(KEY_ADDRESS), await open().remove(KEY_ADDRESS)]).to.deep.equal([true, false]);
    expect(await open().list()).to.deep.equal([]);
    expect(await open().get(KEY_ADDRESS)).to.equal(undefined);
    expect(await (await openStore()).get(`session-key:${KEY_ADDRESS.toLowerCase()}`)).to.equal(undefined);
  });

  it('behaviour: added at once, all are kept', async () => {
    const keys = Array.from({ length: 5 }, (_, index) =>
      session({ address: `0x${String(index).repeat(40)}`, privateKey: `0x${String(index).repeat(64)}` }),
    );
    await Promise.all(keys.map((key) => open().add(key)));
    for (const key of keys) expect(await open().get(key.address)).to.deep.equal(key);
  });

  it('error WALLET_KEYSTORE: the key is gone from the store, or the file is damaged', async () => {
    await open().add(session());
    await (await openStore()).delete(`session-key:${KEY_ADDRESS.toLowerCase()}`);
    const gone = await failure(open().get(KEY_ADDRESS));
    await writeFile(file(), '{"format":"rios.session-keys/1","sessions":[{}]}');
    const damaged = await failure(open().list());

    expect(gone).to.include({ code: 'WALLET_KEYSTORE' });
    expect(damaged).to.include({ code: 'WALLET_KEYSTORE' });
  });
});
