import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { createTextCodec } from '../../src/text/text-codec.ts';

const MODEL = new URL('../../../../examples/models/tiny-moe/', import.meta.url);
const readJson = (name: string): unknown => JSON.parse(readFileSync(new URL(name, MODEL), 'utf8'));

interface ReferenceCase {
  readonly name: string;
  readonly prompt: string;
  readonly ids: number[];
}
const { cases } = readJson('reference.json') as { cases: ReferenceCase[] };
const tinyCodec = () => createTextCodec(readJson('tokenizer.json'), readJson('tokenizer_config.json'));

describe('createTextCodec', () => {
  for (const { name, prompt, ids } of cases) {
    it(`default: encodes "${name}" as the reference does, and back`, async () => {
      const codec = await tinyCodec();

      expect(codec.encode(prompt, true)).to.deep.equal(ids);
      expect(codec.decode(ids)).to.equal(prompt);
    });
  }

  it('behaviour: special tokens are left out of text, and shown one by one', async () => {
    const codec = await tinyCodec();

    expect(codec.decode([0, 33, 0])).to.equal(codec.decode([33]));
    expect(codec.decode([0])).to.equal('');
    expect(codec.tokenText(0)).to.equal('<|endoftext|>');
  });

  it('behaviour: an id without a token gives no text', async () => {
    const codec = await tinyCodec();

    expect(codec.decode([99_999])).to.equal('');
  });

  for (const [what, json] of [
    ['nothing', null],
    ['an empty object', {}],
    ['an unknown model', { model: { type: 'Oracle' }, added_tokens: [] }],
  ] as const) {
    it(`error MODEL_BUNDLE_INVALID: tokenizer.json is ${what}`, async () => {
      const error: unknown = await createTextCodec(json, {}).catch((thrown: unknown) => thrown);

      expect(error).to.have.property('code', 'MODEL_BUNDLE_INVALID');
    });
  }
});
