import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { assert } from 'chai';
import { readTextSide, type TextSide } from '../../src/model/tokenizer-files.ts';
import { withTemp } from '../support/temp-folder.ts';
import { rejects } from './support/throws.ts';

const CONFIG = { bos_token_id: 1, eos_token_id: 2 };
const TEMPLATE_BOS = {
  type: 'Sequence',
  processors: [
    { type: 'ByteLevel' },
    {
      type: 'TemplateProcessing',
      single: [{ SpecialToken: { id: '<s>', type_id: 0 } }, { Sequence: { id: 'A', type_id: 0 } }],
      special_tokens: { '<s>': { id: '<s>', ids: [1], tokens: ['<s>'] } },
    },
  ],
};

/** Writes the given JSON files and reads the text side of them; vocabulary of 10. */
async function read(
  files: Record<string, unknown>,
  config: Record<string, unknown> = CONFIG,
): Promise<TextSide> {
  return withTemp(async (directory) => {
    for (const [name, content] of Object.entries({ 'tokenizer.json': {}, ...files })) {
      if (content === undefined) continue;
      await writeFile(join(directory, name), typeof content === 'string' ? content : JSON.stringify(content));
    }
    return readTextSide(directory, config, 10);
  });
}

const templateOf = ({ files }: TextSide) =>
  files.find(({ path }) => path === 'chat_template.jinja')?.bytes.toString();

describe('readTextSide', () => {
  it('default: takes the tokenizer as it is, and the end token of the config', async () => {
    const text = await read({ 'tokenizer.json': '{"model": {}}' });

    assert.deepEqual(
      text.files.map(({ path }) => path),
      ['tokenizer.json', 'tokenizer_config.json'],
    );
    assert.equal(text.files[0]?.bytes.toString(), '{"model": {}}');
    assert.deepEqual(text.tokens, { bos: 1, eos: [2], addBos: false });
  });

  it('option: generation_config.json decides the end tokens, one or several', async () => {
    assert.deepEqual((await read({ 'generation_config.json': { eos_token_id: [5, 6] } })).tokens.eos, [5, 6]);
    assert.deepEqual((await read({ 'generation_config.json': { eos_token_id: 7 } })).tokens.eos, [7]);
    assert.deepEqual((await read({ 'generation_config.json': {} })).tokens.eos, [2]);
    assert.deepEqual((await read({}, {})).tokens, { bos: null, eos: [], addBos: false });
  });

  it('option: bos stands before a text when the tokenizer or its config says so', async () => {
    assert.isTrue((await read({ 'tokenizer_config.json': { add_bos_token: true } })).tokens.addBos);
    assert.isTrue((await read({ 'tokenizer.json': { post_processor: TEMPLATE_BOS } })).tokens.addBos);
    assert.isFalse((await read({ 'tokenizer.json': { post_processor: TEMPLATE_BOS } }, {})).tokens.addBos);
  });

  it('option: the chat template from its file, from the config, or the default of several', async () => {
    const inline = { 'tokenizer_config.json': { chat_template: 'inline' } };
    const several = [
      { name: 'tool_use', template: 'tools' },
      { name: 'default', template: 'plain' },
    ];
    assert.equal(templateOf(await read({ ...inline, 'chat_template.jinja': 'file' })), 'file');
    assert.equal(templateOf(await read(inline)), 'inline');
    assert.equal(templateOf(await read({ 'tokenizer_config.json': { chat_template: several } })), 'plain');
    assert.isUndefined(templateOf(await read({})));
  });

  it('error NOT_FOUND_FILE: no tokenizer.json', () =>
    rejects('NOT_FOUND_FILE', () => read({ 'tokenizer.json': undefined })));

  it('error MODEL_CONFIG_INVALID: token ids that the vocabulary has not', async () => {
    for (const value of [10, -1, 1.5, 'x', [2, 99]]) {
      const error = await rejects('MODEL_CONFIG_INVALID', () => read({}, { eos_token_id: value }));
      assert.equal(error.details?.key, 'eos_token_id');
    }
    await rejects('MODEL_CONFIG_INVALID', () => read({}, { bos_token_id: 10 }));
  });

  it('error MODEL_CONFIG_INVALID: files that are no JSON objects', async () => {
    for (const name of ['tokenizer.json', 'tokenizer_config.json', 'generation_config.json'])
      await rejects('MODEL_CONFIG_INVALID', () => read({ [name]: '[' }));
  });
});
