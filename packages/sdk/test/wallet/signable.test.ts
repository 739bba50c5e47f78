import { parsePrivateKey, signerOf } from '@rios/sdk/wallet/private-key';
import { parseAddress, parseTypedData, recoverSigner, type Signable, sign } from '@rios/sdk/wallet/signable';
import { expect } from 'chai';
import { keccak256, toUtf8Bytes } from 'ethers';
import { KEY, KEY_ADDRESS } from './support/vectors.ts';

/** The example of EIP-712, whose signature by the key keccak256("cow") is published there. */
const MAIL = {
  types: {
    EIP712Domain: [
      { name: 'name', type: 'string' },
      { name: 'version', type: 'string' },
      { name: 'chainId', type: 'uint256' },
      { name: 'verifyingContract', type: 'address' },
    ],
    Person: [
      { name: 'name', type: 'string' },
      { name: 'wallet', type: 'address' },
    ],
    Mail: [
      { name: 'from', type: 'Person' },
      { name: 'to', type: 'Person' },
      { name: 'contents', type: 'string' },
    ],
  },
  primaryType: 'Mail',
  domain: {
    name: 'Ether Mail',
    version: '1',
    chainId: 1,
    verifyingContract: '0xCcCCccccCCCCcCCCCCCcCcCccCcCCCcCcccccccC',
  },
  message: {
    from: { name: 'Cow', wallet: '0xCD2a3d9F938E13CD947Ec05AbC7FE734Df8DD826' },
    to: { name: 'Bob', wallet: '0xbBbBBBBbbBBBbbbBbbBbbbbBBbBbbbbBbBbbBBbB' },
    contents: 'Hello, Bob!',
  },
};
const COW = signerOf(parsePrivateKey(keccak256(toUtf8Bytes('cow'))));
const message = (text: string): Signable => ({ kind: 'message', message: Buffer.from(text) });

describe('wallet/signable', () => {
  it('default', async () => {
    const signature = await sign(signerOf(parsePrivateKey(KEY)), message('hello'));

    expect(recoverSigner(message('hello'), signature)).to.equal(KEY_ADDRESS);
    expect(recoverSigner(message('hello!'), signature)).not.to.equal(KEY_ADDRESS);
  });

  it('behaviour: typed data as EIP-712 publishes it', async () => {
    const mail = parseTypedData(JSON.stringify(MAIL));
    const signature = await sign(COW, mail);

    expect(signature).to.equal(
      '0x4355c47d63924e8a72e509b65029052eb6c299d53a04e167c5775fd466751c9d07299936d304c153f6443dfa05f40ff007d72911b6f72307f996231605b915621c',
    );
    expect(recoverSigner(mail, signature)).to.equal(COW.address);
    const forged = { ...MAIL, message: { ...MAIL.message, contents: 'Hello, Eve!' } };
    expect(recoverSigner(parseTypedData(JSON.stringify(forged)), signature)).not.to.equal(COW.address);
  });

  for (const [what, text] of [
    ['no JSON', 'Mail'],
    ['another primary type', JSON.stringify({ ...MAIL, primaryType: 'Person' })],
    ['an unknown type', JSON.stringify({ ...MAIL, types: { Mail: [{ name: 'from', type: 'Nobody' }] } })],
    ['a type of itself', JSON.stringify({ ...MAIL, types: { Mail: [{ name: 'from', type: 'Mail' }] } })],
    ['a value of another type', JSON.stringify({ ...MAIL, message: { ...MAIL.message, to: 7 } })],
    ['a missing value', JSON.stringify({ ...MAIL, message: {} })],
    ['more fields', JSON.stringify({ ...MAIL, more: 1 })],
  ] as const) {
    it(`error USER_INVALID_REQUEST: typed data, ${what}`, () => {
      expect(() => parseTypedData(text))
        .to.throw()
        .with.property('code', 'USER_INVALID_REQUEST');
    });
  }

  it('error USER_INVALID_REQUEST: a signature that is none', () => {
    for (const text of ['', '0x', `0x${'0'.repeat(128)}`, 'zz'.repeat(66)]) {
      expect(() => recoverSigner(message('x'), text), text)
        .to.throw()
        .with.property('code', 'USER_INVALID_REQUEST');
    }
  });

  it('error INTEGRITY_SIGNATURE: bytes that no key made', () => {
    expect(() => recoverSigner(message('x'), `0x${'0'.repeat(130)}`))
      .to.throw()
      .with.property('code', 'INTEGRITY_SIGNATURE');
  });

  it('behaviour: an address in one case is taken, a wrong checksum is not', () => {
    expect(parseAddress(KEY_ADDRESS.toLowerCase())).to.equal(KEY_ADDRESS);
    for (const text of [KEY_ADDRESS.replace('f39F', 'F39F'), KEY_ADDRESS.slice(0, -1), 'main']) {
      expect(() => parseAddress(text), text)
        .to.throw()
        .with.property('code', 'USER_INVALID_REQUEST');
    }
  });
});
