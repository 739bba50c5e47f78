import { chatRequestSchema, completionRequestSchema } from '@rios/sdk/schema/api';
import { inputSchema, samplingSchema } from '@rios/sdk/schema/inference';
import { expect } from 'chai';
import fc from 'fast-check';
import { readChatRequest } from '../../src/openai/chat-request.ts';
import { readCompletionRequest } from '../../src/openai/completion-request.ts';

const seed = () => 42;
const completion = (body: object) =>
  readCompletionRequest(completionRequestSchema.parse({ model: 'm', prompt: 'p', ...body }), seed);
const chat = (body: object) =>
  readChatRequest(
    chatRequestSchema.parse({ model: 'm', messages: [{ role: 'user', content: 'hi' }], ...body }),
    seed,
  );

describe('readCompletionRequest', () => {
  it('default: OpenAI’s defaults', () => {
    expect(completion({})).to.deep.equal({
      input: { kind: 'text', text: 'p' },
      sampling: {
        maxTokens: 16,
        temperature: 1,
        topP: 1,
        seed: 42,
        stop: [],
        stopAtEos: true,
        logprobs: null,
        echo: false,
      },
    });
  });

  it('behaviour: what is given is used, zero included', () => {
    const { sampling } = completion({
      max_tokens: 0,
      temperature: 0,
      top_p: 0,
      seed: 0,
      stop: 'x',
      logprobs: 0,
      echo: true,
    });

    expect(sampling).to.deep.equal({
      maxTokens: 0,
      temperature: 0,
      topP: 0,
      seed: 0,
      stop: ['x'],
      stopAtEos: true,
      logprobs: 0,
      echo: true,
    });
  });

  it('behaviour: null is as good as nothing', () => {
    const nulls = { max_tokens: null, temperature: null, seed: null, stop: null, logprobs: null, echo: null };

    expect(completion(nulls)).to.deep.equal(completion({}));
  });

  it('option prompt: text, one text in a list, or token ids', () => {
    expect(completion({ prompt: '' }).input).to.deep.equal({ kind: 'text', text: '' });
    expect(completion({ prompt: ['a'] }).input).to.deep.equal({ kind: 'text', text: 'a' });
    expect(completion({ prompt: [3, 1, 2] }).input).to.deep.equal({ kind: 'ids', ids: [3, 1, 2] });
  });

  it('option stop: empty texts are ignored', () => {
    expect(completion({ stop: ['', 'a'] }).sampling.stop).to.deep.equal(['a']);
    expect(completion({ stop: '' }).sampling.stop).to.deep.equal([]);
  });

  it('behaviour: whatever the schema lets in becomes something that a worker accepts', () => {
    const body = fc.record(
      {
        prompt: fc.oneof(fc.string(), fc.array(fc.nat(), { minLength: 1 })),
        max_tokens: fc.option(fc.nat({ max: 1_000_000 })),
        temperature: fc.option(fc.double({ min: 0, max: 2, noNaN: true })),
        top_p: fc.option(fc.double({ min: 0, max: 1, noNaN: true })),
        seed: fc.option(fc.maxSafeInteger()),
        stop: fc.option(fc.array(fc.string({ maxLength: 10 }), { maxLength: 4 })),
        logprobs: fc.option(fc.nat({ max: 100 })),
      },
      { requiredKeys: ['prompt'] },
    );
    fc.assert(
      fc.property(body, (given) => {
        const { input, sampling } = completion(given);
        inputSchema.parse(input);
        samplingSchema.parse(sampling);
      }),
    );
  });

  it('behaviour: a negative seed is not its positive one', () => {
    const seeds = [-1, -2, 1, 2].map((given) => completion({ seed: given }).sampling.seed);

    expect(new Set(seeds).size).to.equal(4);
  });
});

describe('readChatRequest', () => {
  it('default: goes on to the end of the context', () => {
    const { input, sampling } = chat({});

    expect(input).to.deep.equal({ kind: 'chat', messages: [{ role: 'user', content: 'hi' }] });
    expect(sampling).to.include({ maxTokens: 1_000_000, temperature: 1, logprobs: null, echo: false });
  });

  it('option max_completion_tokens: counts before max_tokens', () => {
    expect(chat({ max_tokens: 5 }).sampling.maxTokens).to.equal(5);
    expect(chat({ max_tokens: 5, max_completion_tokens: 7 }).sampling.maxTokens).to.equal(7);
  });

  it('option logprobs: with top_logprobs alternatives', () => {
    expect(chat({ logprobs: true }).sampling.logprobs).to.equal(0);
    expect(chat({ logprobs: true, top_logprobs: 3 }).sampling.logprobs).to.equal(3);
    expect(chat({ logprobs: false }).sampling.logprobs).to.equal(null);
  });

  it('error USER_INVALID_REQUEST: top_logprobs without logprobs', () => {
    expect(() => chat({ top_logprobs: 3 }))
      .to.throw()
      .with.property('code', 'USER_INVALID_REQUEST');
  });
});
