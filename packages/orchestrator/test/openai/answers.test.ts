import { chatCompletionSchema, completionSchema } from '@rios/sdk/schema/api';
import { expect } from 'chai';
import { createChatChunks, wholeChat } from '../../src/openai/chat-answer.ts';
import { createCompletionChunks, wholeCompletion } from '../../src/openai/completion-answer.ts';
import { anEnd, anEntry, aSummary } from '../support/generated.ts';

const HEAD = { id: 'req_0000000001', created: 1_700_000_000, model: 'tiny' };
const PARTS = [
  { text: 'Hé', ids: [1, 2], logprobs: [anEntry('H', -0.1, ['H', -0.1], ['J', -2]), anEntry('é', -0.2)] },
  { text: '💥', ids: [3], logprobs: [anEntry('💥', -0.3)] },
  { text: '!', ids: [4], logprobs: [anEntry('!', -0.4)] },
];
const WITHOUT = PARTS.map(({ text, ids }) => ({ text, ids }));

describe('wholeCompletion', () => {
  it('default: text, usage, finish reason, and our summary', () => {
    const answer = wholeCompletion(HEAD, WITHOUT, anEnd(), aSummary());

    expect(completionSchema.parse(answer)).to.deep.equal(answer);
    expect(answer.choices).to.deep.equal([
      { index: 0, text: 'Hé💥!', finish_reason: 'length', logprobs: null },
    ]);
    expect(answer.usage).to.deep.equal({ prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 });
    expect(answer.rios).to.deep.equal(aSummary());
  });

  it('option logprobs: parallel arrays, offsets in characters', () => {
    const answer = wholeCompletion(HEAD, PARTS, anEnd(), aSummary());

    expect(completionSchema.parse(answer)).to.deep.equal(answer);
    expect(answer.choices[0]?.logprobs).to.deep.equal({
      tokens: ['H', 'é', '💥', '!'],
      token_logprobs: [-0.1, -0.2, -0.3, -0.4],
      top_logprobs: [{ H: -0.1, J: -2 }, {}, {}, {}],
      text_offset: [0, 1, 2, 3],
    });
  });

  it('option echo: the first position of the prompt has no log-probability', () => {
    const prompt = {
      text: 'ab',
      ids: [1, 2],
      prompt: true,
      logprobs: [anEntry('a', null), anEntry('b', -1)],
    };
    const answer = wholeCompletion(HEAD, [prompt, ...PARTS], anEnd(), aSummary());

    expect(answer.choices[0]?.text).to.equal('abHé💥!');
    expect(answer.choices[0]?.logprobs?.token_logprobs.slice(0, 3)).to.deep.equal([null, -1, -0.1]);
    expect(answer.choices[0]?.logprobs?.top_logprobs[0]).to.equal(null);
    expect(answer.choices[0]?.logprobs?.text_offset).to.deep.equal([0, 1, 2, 3, 4, 5]);
  });
});

describe('createCompletionChunks', () => {
  it('default: a chunk per part; the last one says why it ended and carries the summary', () => {
    const chunks = createCompletionChunks(HEAD, false);
    const sent = [...PARTS.map(chunks.part), ...chunks.end(anEnd({ finishReason: 'stop' }), aSummary())];

    for (const chunk of sent) expect(completionSchema.parse(chunk)).to.deep.equal(chunk);
    expect(sent.map((chunk) => chunk.choices[0]?.text)).to.deep.equal(['Hé', '💥', '!', '']);
    expect(sent.map((chunk) => chunk.choices[0]?.finish_reason)).to.deep.equal([null, null, null, 'stop']);
    expect(sent[1]?.choices[0]?.logprobs?.text_offset).to.deep.equal([2]);
    expect(sent.map((chunk) => chunk.rios !== undefined)).to.deep.equal([false, false, false, true]);
    expect(sent.some((chunk) => 'usage' in chunk)).to.equal(false);
  });

  it('option include_usage: a last chunk without choices', () => {
    const chunks = createCompletionChunks(HEAD, true);
    const sent = [...WITHOUT.map(chunks.part), ...chunks.end(anEnd(), aSummary())];

    expect(sent.at(-1)?.choices).to.deep.equal([]);
    expect(sent.at(-1)?.usage).to.include({ total_tokens: 5 });
    expect(sent.at(-1)?.rios).to.deep.equal(aSummary());
    expect(sent.slice(0, -1).every((chunk) => chunk.usage === null)).to.equal(true);
  });
});

describe('wholeChat', () => {
  it('default: one message of the assistant', () => {
    const answer = wholeChat(HEAD, WITHOUT, anEnd({ finishReason: 'stop' }), aSummary());

    expect(chatCompletionSchema.parse(answer)).to.deep.equal(answer);
    expect(answer.choices).to.deep.equal([
      {
        index: 0,
        message: { role: 'assistant', content: 'Hé💥!', refusal: null },
        finish_reason: 'stop',
        logprobs: null,
      },
    ]);
    expect(answer.usage).to.include({ total_tokens: 5 });
  });

  it('option logprobs: one object per token; bytes only where they are known', () => {
    const part = { text: 'é', ids: [1, 2], logprobs: [anEntry('é', -1, ['\uFFFD', -3])] };
    const answer = wholeChat(HEAD, [part], anEnd(), aSummary());

    expect(chatCompletionSchema.parse(answer)).to.deep.equal(answer);
    expect(answer.choices[0]?.logprobs?.content).to.deep.equal([
      {
        token: 'é',
        logprob: -1,
        bytes: [0xc3, 0xa9],
        top_logprobs: [{ token: '\uFFFD', logprob: -3, bytes: null }],
      },
    ]);
  });
});

describe('createChatChunks', () => {
  it('default: the role, the text, why it ended', () => {
    const chunks = createChatChunks(HEAD, true);
    const sent = [chunks.begin(), ...WITHOUT.map(chunks.part), ...chunks.end(anEnd(), aSummary())];

    for (const chunk of sent) expect(chatCompletionSchema.parse(chunk)).to.deep.equal(chunk);
    expect(sent.map((chunk) => chunk.choices[0]?.delta)).to.deep.equal([
      { role: 'assistant', content: '' },
      { content: 'Hé' },
      { content: '💥' },
      { content: '!' },
      {},
      undefined,
    ]);
    expect(sent.at(-2)?.choices[0]?.finish_reason).to.equal('length');
    expect(sent.at(-1)).to.deep.include({ choices: [], rios: aSummary() });
    expect(sent.every((chunk) => chunk.object === 'chat.completion.chunk')).to.equal(true);
  });
});
