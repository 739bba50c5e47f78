import type { KeyStore, WalletSecret } from '@rios/sdk/wallet/key-store';
import { createSecret, deriveSecret } from '@rios/sdk/wallet/mnemonic';
import { addressOf } from '@rios/sdk/wallet/private-key';
import { expect } from 'chai';
import { failure } from './failure.ts';
import { passwords } from './passwords.ts';
import { KEY } from './vectors.ts';

/** What every store of keys must do; `open` gives another view of the same keys each time. */
export function behavesAsKeyStore(open: () => Promise<KeyStore>): void {
  const taken: string[] = [];
  async function put(secret: WalletSecret): Promise<string> {
    const address = addressOf(secret);
    taken.push(address);
    const place = await (await open()).prepare(address, secret, passwords());
    await place();
    return address;
  }
  afterEach(async () => {
    for (const address of taken.splice(0)) await (await open()).delete(address);
  });

  it('default', async () => {
    const secret = createSecret();
    const address = await put(secret);

    const store = await open();
    expect(await store.has(address)).to.equal(true);
    expect(await store.get(address, passwords())).to.deep.equal(secret);
  });

  it('behaviour: a key without words', async () => {
    const address = await put({ privateKey: KEY });
    expect(await (await open()).get(address, passwords())).to.deep.equal({ privateKey: KEY });
  });

  it('behaviour: nothing is there before the key is put in place', async () => {
    const secret = createSecret();
    const store = await open();
    await store.prepare(addressOf(secret), secret, passwords());
    expect(await store.has(addressOf(secret))).to.equal(false);
  });

  it('behaviour: the address counts, not its capitals', async () => {
    const address = await put(deriveSecret(createSecret().mnemonic?.phrase ?? '', 3));
    expect(await (await open()).has(address.toLowerCase())).to.equal(true);
  });

  it('behaviour: a deleted key is gone, and can be deleted again', async () => {
    const address = await put(createSecret());
    const store = await open();
    await store.delete(address);
    await store.delete(address);

    expect(await store.has(address)).to.equal(false);
    const error = await failure(store.get(address, passwords()));
    expect(error).to.include({ code: 'WALLET_KEYSTORE' });
  });
}
