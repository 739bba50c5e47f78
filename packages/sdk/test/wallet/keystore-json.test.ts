import { parseKeystore } from '@rios/sdk/wallet/keystore-format';
import { decryptKeystore, encryptKeystore } from '@rios/sdk/wallet/keystore-json';
import { deriveSecret } from '@rios/sdk/wallet/mnemonic';
import { expect } from 'chai';
import { failure } from './support/failure.ts';
import { foreignKeystore } from './support/foreign-keystore.ts';
import { PASSWORD } from './support/passwords.ts';
import { FOREIGN_KEY, FOREIGN_PASSWORD, PBKDF2_FILE, PHRASE, PHRASE_ADDRESS } from './support/vectors.ts';

const SCRYPT_FILE = foreignKeystore(FOREIGN_KEY, FOREIGN_PASSWORD);
const open = (value: unknown, password = FOREIGN_PASSWORD) =>
  decryptKeystore(typeof value === 'string' ? value : JSON.stringify(value), password, 'the file');
const withKdf = (params: object) => ({
  ...SCRYPT_FILE,
  crypto: { ...SCRYPT_FILE.crypto, kdfparams: { ...SCRYPT_FILE.crypto.kdfparams, ...params } },
});
const withCrypto = (fields: object) => ({ ...SCRYPT_FILE, crypto: { ...SCRYPT_FILE.crypto, ...fields } });

describe('wallet/keystore-json', () => {
  it('default', async () => {
    const secret = deriveSecret(PHRASE);
    const text = await encryptKeystore(secret, PHRASE_ADDRESS, PASSWORD);

    expect(text).not.to.include(secret.privateKey.slice(2)).and.not.include('abandon');
    expect(await open(text, PASSWORD)).to.deep.equal(secret);
  });

  it('behaviour: opens files of others, by scrypt and by pbkdf2', async () => {
    expect(await open(SCRYPT_FILE)).to.deep.equal({ privateKey: FOREIGN_KEY });
    expect(await open(PBKDF2_FILE)).to.deep.equal({ privateKey: FOREIGN_KEY });
    const { crypto: Crypto, ...rest } = PBKDF2_FILE;
    expect(await open({ ...rest, Crypto })).to.deep.equal({ privateKey: FOREIGN_KEY });
  });

  it('error WALLET_PASSWORD: a wrong one', async () => {
    expect(await failure(open(PBKDF2_FILE, 'testpasswore'))).to.include({ code: 'WALLET_PASSWORD' });
  });

  it('error WALLET_KEYSTORE: the address is another one', async () => {
    const error = await failure(open({ ...PBKDF2_FILE, address: PHRASE_ADDRESS.slice(2) }));
    expect(error).to.include({ code: 'WALLET_KEYSTORE' });
  });

  it('error WALLET_KEYSTORE: words beside a key that they do not give', async () => {
    const other = deriveSecret(PHRASE, 1);
    const mixed = { ...deriveSecret(PHRASE), privateKey: other.privateKey };
    const text = await encryptKeystore(mixed, '0x6Fac4D18c912343BF86fa7049364Dd4E424Ab9C0', PASSWORD);
    expect(await failure(open(text, PASSWORD))).to.include({ code: 'WALLET_KEYSTORE' });
  });

  for (const [what, params] of [
    ['2^30 x 8: a terabyte', { n: 2 ** 30, r: 8, p: 1 }],
    ['2^20 x 8: a gigabyte', { n: 2 ** 20, r: 8, p: 1 }],
    ['a huge r', { n: 2 ** 18, r: 2 ** 30, p: 1 }],
    ['a huge p', { n: 2 ** 18, r: 8, p: 2 ** 20 }],
    ['hours: p is 1024', { n: 2 ** 18, r: 8, p: 1024 }],
    ['n too large for r', { n: 262_144, r: 1, p: 8 }],
    ['no power of two', { n: 262_143, r: 8, p: 1 }],
    ['n of 1', { n: 1 }],
    ['a negative n', { n: -262_144 }],
    ['n as text', { n: '262144' }],
    ['n of 1e300', { n: 1e300 }],
    ['a long key', { dklen: 2 ** 30 }],
    ['a salt of a megabyte', { salt: 'ab'.repeat(2 ** 20) }],
  ] as const) {
    it(`error WALLET_KEYSTORE: scrypt, ${what}, before it is computed`, async () => {
      const before = process.cpuUsage();
      const error = await failure(open(withKdf(params)));
      const { user } = process.cpuUsage(before);

      expect(error).to.include({ code: 'WALLET_KEYSTORE' });
      expect(user, 'microseconds').to.be.lessThan(300_000);
    });
  }

  it('error WALLET_KEYSTORE: pbkdf2 with a billion rounds', () => {
    const { crypto } = PBKDF2_FILE;
    const hostile = { ...PBKDF2_FILE, crypto: { ...crypto, kdfparams: { ...crypto.kdfparams, c: 1e9 } } };
    expect(() => parseKeystore(JSON.stringify(hostile), 'the file'))
      .to.throw('rounds')
      .with.property('code', 'WALLET_KEYSTORE');
  });

  for (const [what, value] of [
    ['nothing', ''],
    ['cut off', JSON.stringify(SCRYPT_FILE).slice(0, 300)],
    ['a list', [SCRYPT_FILE]],
    ['null', null],
    ['another version', { ...SCRYPT_FILE, version: 1 }],
    ['no crypto', { version: 3 }],
    ['two cryptos', { ...SCRYPT_FILE, Crypto: PBKDF2_FILE.crypto }],
    ['another cipher', withCrypto({ cipher: 'aes-128-cbc' })],
    ['another kdf', withCrypto({ kdf: 'md5' })],
    ['a short iv', withCrypto({ cipherparams: { iv: '83' } })],
    ['a long ciphertext', withCrypto({ ciphertext: 'ab'.repeat(100_000) })],
    ['a mac that is no hex', withCrypto({ mac: 'zz'.repeat(32) })],
    [
      'a path of a thousand steps',
      {
        ...SCRYPT_FILE,
        'x-ethers': {
          version: '0.1',
          locale: 'en',
          mnemonicCounter: 'ab'.repeat(16),
          mnemonicCiphertext: 'ab'.repeat(16),
          path: `m${'/0'.repeat(1000)}`,
        },
      },
    ],
  ] as const) {
    it(`error WALLET_KEYSTORE: ${what}`, async () => {
      expect(await failure(open(value))).to.include({ code: 'WALLET_KEYSTORE' });
    });
  }

  it('behaviour: a key as plain text in place of the file is not repeated', async () => {
    const error = await failure(open(FOREIGN_KEY));
    expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.to.include(FOREIGN_KEY.slice(2, 12));
  });
});
