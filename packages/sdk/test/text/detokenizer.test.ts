import { expect } from 'chai';
import fc from 'fast-check';
import { createDetokenizer } from '../../src/text/detokenizer.ts';

/** Tokens are single bytes: the hardest case for characters of several bytes. */
const decode = (ids: readonly number[]) => new TextDecoder().decode(Uint8Array.from(ids));
const tokensOf = (text: string) => Array.from(new TextEncoder().encode(text));

describe('createDetokenizer', () => {
  it('default: a character appears with its last byte', () => {
    const detokenizer = createDetokenizer(decode);

    const shown = tokensOf('é🐋').map((id) => detokenizer.push([id]));

    expect(shown).to.deep.equal(['', 'é', '', '', '', '🐋']);
  });

  it('behaviour: whatever the text and the pieces, the pieces make the text, and none holds half a character', () => {
    const pieces = fc.array(fc.string({ unit: 'grapheme', maxLength: 12 }), { maxLength: 6 });
    fc.assert(
      fc.property(pieces, fc.integer({ min: 1, max: 5 }), (texts, size) => {
        const text = texts.join('').replaceAll('\uFFFD', '').toWellFormed();
        const ids = tokensOf(text);
        const detokenizer = createDetokenizer(decode);
        const shown: string[] = [];
        for (let at = 0; at < ids.length; at += size) shown.push(detokenizer.push(ids.slice(at, at + size)));
        shown.push(detokenizer.end());

        expect(shown.join('')).to.equal(decode(ids));
        expect(shown.join('')).not.to.include('\uFFFD');
      }),
    );
  });

  it('behaviour: bytes that never become a character are shown at the end, as they decode', () => {
    const detokenizer = createDetokenizer(decode);

    expect(detokenizer.push(tokensOf('a'))).to.equal('a');
    expect(detokenizer.push([0xf0, 0x9f])).to.equal('');
    expect(detokenizer.end()).to.equal('\uFFFD');
  });

  it('behaviour: a long run of broken bytes does not hold the text back for ever', () => {
    const detokenizer = createDetokenizer(decode);

    const shown = Array.from({ length: 300 }, () => detokenizer.push([0xff])).join('');

    expect(shown).not.to.equal('');
  });

  it('option: before gives the first token its place in a text', () => {
    const words = (ids: readonly number[]) =>
      ids
        .map((id) => ` w${id}`)
        .join('')
        .trimStart();

    expect(createDetokenizer(words).push([1])).to.equal('w1');
    expect(createDetokenizer(words, [7]).push([1])).to.equal(' w1');
  });
});
