import { openSecretStore } from '@rios/sdk/crypto/secret-store';
import { expect } from 'chai';
import { planKeychain, type StopKeychain, startKeychain } from './support/keychain-session.ts';

const isBuilt = await import('keytar' as string).then(
  () => true,
  () => false,
);
const plan = await planKeychain();
const isCi = process.env.CI === 'true' && process.platform === 'linux';

describe('crypto/secret-store: which keychain is in use', () => {
  let stop: StopKeychain | undefined;
  before(async () => {
    if (plan.kind !== 'none') stop = await startKeychain(plan);
  });
  after(() => stop?.());

  const openPlace = async () => {
    const store = await openSecretStore({ choice: 'keychain', file: '/nonexistent/x', note: () => {} });
    return store.place;
  };

  if (plan.kind !== 'none') {
    it('behaviour: keytar wherever it is built, else @napi-rs/keyring', async () => {
      expect(await openPlace()).to.equal(`the keychain, by ${isBuilt ? 'keytar' : '@napi-rs/keyring'}`);
    });
  }

  if (isCi) {
    it('behaviour: in CI keytar is built, and is the one in use', async () => {
      expect({ isBuilt, keychain: plan.kind === 'none' ? plan.reason : 'there' }).to.deep.equal({
        isBuilt: true,
        keychain: 'there',
      });
      expect(await openPlace()).to.equal('the keychain, by keytar');
    });
  }
}).timeout(30_000);
