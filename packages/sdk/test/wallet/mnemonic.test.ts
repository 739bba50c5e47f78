import type { RiosError } from '@rios/sdk/errors/error';
import { createSecret, deriveSecret, parseMnemonic } from '@rios/sdk/wallet/mnemonic';
import { addressOf } from '@rios/sdk/wallet/private-key';
import { expect } from 'chai';
import { PHRASE, PHRASE_ADDRESS } from './support/vectors.ts';

function refusal(text: string): RiosError {
  try {
    parseMnemonic(text);
  } catch (error) {
    return error as RiosError;
  }
  throw new Error('it was taken');
}
const withWord = (position: number, word: string) =>
  PHRASE.split(' ')
    .with(position - 1, word)
    .join(' ');

describe('wallet/mnemonic', () => {
  it('default', () => {
    const secret = deriveSecret(parseMnemonic(PHRASE));

    expect(addressOf(secret)).to.equal(PHRASE_ADDRESS);
    expect(secret.mnemonic).to.deep.equal({ phrase: PHRASE, path: "m/44'/60'/0'/0/0" });
  });

  it('option: index chooses another account of the same words', () => {
    expect(addressOf(deriveSecret(PHRASE, 1))).to.equal('0x6Fac4D18c912343BF86fa7049364Dd4E424Ab9C0');
  });

  it('behaviour: capitals, lines and many spaces do not matter', () => {
    expect(parseMnemonic(`  ${PHRASE.toUpperCase().replaceAll(' ', ' \n\t ')}\n`)).to.equal(PHRASE);
  });

  it('behaviour: each new secret has other words, and they give its key', () => {
    const [one, two] = [createSecret(), createSecret()];

    expect(one.mnemonic?.phrase).not.to.equal(two.mnemonic?.phrase);
    expect(deriveSecret(parseMnemonic(one.mnemonic?.phrase ?? '')).privateKey).to.equal(one.privateKey);
  });

  for (const [typo, position, near] of [
    ['abuot', 12, 'about'],
    ['abandn', 3, 'abandon'],
    ['abandonn', 1, 'abandon'],
    ['ebandon', 7, 'abandon'],
  ] as const) {
    it(`error WALLET_MNEMONIC: ${typo} at ${position}, with what was meant`, () => {
      const error = refusal(withWord(position, typo));

      expect(error.code).to.equal('WALLET_MNEMONIC');
      expect(error.message).to.include(`word ${position} ("${typo}")`).and.include(near);
      expect(error.details).to.deep.include({ position }).and.to.have.property('near').that.includes(near);
    });
  }

  it('error WALLET_MNEMONIC: the checksum, which names no word', () => {
    const error = refusal(withWord(12, 'abandon'));

    expect(error.code).to.equal('WALLET_MNEMONIC');
    expect(error.message).to.include('checksum').and.not.include('abandon');
  });

  for (const count of [0, 1, 11, 13, 25]) {
    it(`error WALLET_MNEMONIC: ${count} words`, () => {
      const error = refusal(Array.from({ length: count }, () => 'abandon').join(' '));

      expect(error.code).to.equal('WALLET_MNEMONIC');
      expect(error.details).to.deep.equal({ words: count });
    });
  }

  it('error WALLET_MNEMONIC: a text without end is not looked at', () => {
    expect(refusal('abandon '.repeat(100_000)).message).to.include('too long');
  });

  it('behaviour: another secret in place of the words is not repeated', () => {
    const key = 'ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80';
    for (const text of [key, withWord(4, key), withWord(2, 'hunter2!'), withWord(2, 'a-password')]) {
      const { message, hint, details } = refusal(text);

      for (const secret of [key, 'hunter2!', 'a-password']) {
        expect(JSON.stringify({ message, hint, details }), text).not.to.include(secret);
      }
    }
  });
});
