import { addressOf, parsePrivateKey, signerOf } from '@rios/sdk/wallet/private-key';
import { expect } from 'chai';
import { KEY, KEY_ADDRESS } from './support/vectors.ts';

const ORDER = 'fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141';

describe('wallet/private-key', () => {
  it('default', () => {
    const secret = parsePrivateKey(KEY);

    expect(addressOf(secret)).to.equal(KEY_ADDRESS);
    expect(signerOf(secret)).to.include({ address: KEY_ADDRESS, provider: null });
  });

  it('behaviour: without 0x, in capitals, with a line end', () => {
    expect(parsePrivateKey(`${KEY.slice(2).toUpperCase()}\n`)).to.deep.equal({ privateKey: KEY });
  });

  it('behaviour: the ends of the range', () => {
    const last = `${ORDER.slice(0, -1)}0`;
    expect(parsePrivateKey('1'.padStart(64, '0')).privateKey).to.equal(`0x${'1'.padStart(64, '0')}`);
    expect(parsePrivateKey(last).privateKey).to.equal(`0x${last}`);
  });

  for (const [what, text, says] of [
    ['a digit is missing', KEY.slice(0, -1), '63'],
    ['a digit too many', `${KEY}0`, '65'],
    ['nothing', '', '0'],
    ['other letters', KEY.replace('ac', 'xy'), 'hexadecimal'],
    ['a mnemonic', 'abandon about', 'hexadecimal'],
    ['zero', '0'.repeat(64), 'range'],
    ['the order of the curve', ORDER, 'range'],
    ['the highest number', 'f'.repeat(64), 'range'],
  ] as const) {
    it(`error USER_INVALID_REQUEST: ${what}, without repeating it`, () => {
      expect(() => parsePrivateKey(text))
        .to.throw(says)
        .with.property('code', 'USER_INVALID_REQUEST');
      if (text.length > 8) expect(() => parsePrivateKey(text)).not.to.throw(text.slice(2, 12));
    });
  }
});
