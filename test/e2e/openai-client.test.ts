import type { Completion } from '@rios/sdk/schema/api';
import { expect } from 'chai';
import OpenAI, { APIError } from 'openai';
import { type Devnet, startDevnet } from '../support/devnet.ts';
import { type ReferenceCase, readReferenceCase } from '../support/tiny-moe.ts';

describe('the official openai client', function () {
  this.timeout(120_000);
  let network: Devnet;
  let openai: OpenAI;
  let reference: ReferenceCase;
  let text: string;

  before(async () => {
    reference = await readReferenceCase('genesis');
    network = await startDevnet({ workers: 3 });
    await network.pushTinyMoe();
    await network.place('tiny-moe', { shape: 'island', spread: true });
    openai = new OpenAI({ baseURL: `${network.apiUrl}/v1`, apiKey: network.token, maxRetries: 0 });
    text = (await openai.completions.create(greedy())).choices[0]?.text ?? '';
  });
  after(() => network?.stop());

  const greedy = () => ({
    model: 'tiny-moe',
    prompt: reference.prompt,
    max_tokens: reference.greedy.length,
    temperature: 0,
  });

  const failure = async (asked: Promise<unknown>): Promise<APIError> => {
    try {
      await asked;
    } catch (error) {
      if (error instanceof APIError) return error;
      throw error;
    }
    throw new Error('it succeeded');
  };

  it('default: completions', async () => {
    const completion = await openai.completions.create(greedy());

    expect(completion.object).to.equal('text_completion');
    expect(completion.choices[0]?.finish_reason).to.equal('length');
    expect(completion.usage).to.deep.include({ prompt_tokens: reference.ids.length, completion_tokens: 64 });
    expect((completion as unknown as Completion).rios?.ids).to.deep.equal(reference.greedy);
  });

  it('option: a prompt of token ids', async () => {
    const completion = await openai.completions.create({ ...greedy(), prompt: [...reference.ids] });

    expect(completion.choices[0]?.text).to.equal(text);
  });

  it('option: stream, with usage at the end', async () => {
    const asked = { ...greedy(), stream: true, stream_options: { include_usage: true } } as const;
    const stream = await openai.completions.create(asked);
    const chunks = await Array.fromAsync(stream);

    expect(chunks).to.have.length.above(8);
    expect(chunks.map(({ choices }) => choices[0]?.text ?? '').join('')).to.equal(text);
    expect(chunks.at(-1)?.usage).to.deep.include({ completion_tokens: 64 });
  });

  it('option: stop ends before the stop text', async () => {
    const stop = text.slice(20, 26);
    const completion = await openai.completions.create({ ...greedy(), stop });

    expect(completion.choices[0]?.text).to.equal(text.slice(0, text.indexOf(stop)));
    expect(completion.choices[0]?.finish_reason).to.equal('stop');
  });

  it('option: the same seed gives the same text, another seed another', async () => {
    const warm = { ...greedy(), temperature: 1.5, top_p: 0.95 };
    const [one, two, other] = await Promise.all(
      [7, 7, 8].map(async (seed) => (await openai.completions.create({ ...warm, seed })).choices[0]?.text),
    );

    expect(one).to.equal(two);
    expect(one).to.not.equal(other);
  });

  it('option: logprobs and echo of completions', async () => {
    const completion = await openai.completions.create({
      ...greedy(),
      max_tokens: 4,
      logprobs: 5,
      echo: true,
    });
    const logprobs = completion.choices[0]?.logprobs;

    expect(completion.choices[0]?.text.startsWith(reference.prompt)).to.equal(true);
    expect(logprobs?.tokens).to.have.lengthOf(reference.ids.length + 4);
    expect(logprobs?.token_logprobs?.[0]).to.equal(null);
    expect(logprobs?.top_logprobs?.at(-1)).to.satisfy((top: object) => Object.keys(top).length === 5);
  });

  it('option: logprobs of chat', async () => {
    const chat = await openai.chat.completions.create({ ...chatOf(), logprobs: true, top_logprobs: 3 });
    const content = chat.choices[0]?.logprobs?.content ?? [];

    expect(content).to.have.lengthOf(16);
    expect(content[0]?.top_logprobs).to.have.lengthOf(3);
    expect(content[0]?.logprob).to.equal(content[0]?.top_logprobs[0]?.logprob);
  });

  const chatOf = () => ({
    model: 'tiny-moe',
    messages: [{ role: 'user' as const, content: reference.prompt }],
    max_completion_tokens: 16,
    temperature: 0,
  });

  it('behaviour: a chat is the rendered template', async () => {
    const chat = await openai.chat.completions.create(chatOf());

    expect(chat.choices[0]?.message.role).to.equal('assistant');
    expect(text.startsWith(chat.choices[0]?.message.content ?? 'nothing')).to.equal(true);
    expect(chat.usage).to.deep.include({ prompt_tokens: reference.ids.length, completion_tokens: 16 });
  });

  it('behaviour: a streamed chat gives the same text', async () => {
    const plain = await openai.chat.completions.create(chatOf());
    const stream = await openai.chat.completions.create({ ...chatOf(), stream: true });
    const chunks = await Array.fromAsync(stream);

    const streamed = chunks.map(({ choices }) => choices[0]?.delta.content ?? '').join('');
    expect(streamed).to.equal(plain.choices[0]?.message.content);
    expect(chunks[0]?.choices[0]?.delta.role).to.equal('assistant');
  });

  it('behaviour: models are listed', async () => {
    const models = await Array.fromAsync(openai.models.list());

    expect(models.map(({ id }) => id)).to.deep.equal(['tiny-moe']);
  });

  it('behaviour: a client that leaves in the middle stops the generation', async () => {
    const asked = { ...greedy(), max_tokens: 480, stream: true } as const;
    for await (const _ of await openai.completions.create(asked)) break;

    const next = await openai.completions.create(greedy());
    expect(next.choices[0]?.text).to.equal(text);
  });

  it('error NOT_FOUND_MODEL: an unknown model', async () => {
    const error = await failure(openai.completions.create({ ...greedy(), model: 'nothing' }));

    expect(error.status).to.equal(404);
    expect(error.code).to.equal('NOT_FOUND_MODEL');
    expect(error.type).to.be.a('string');
  });

  it('error USER_CONTEXT_TOO_LONG: a prompt longer than the context', async () => {
    const error = await failure(openai.completions.create({ ...greedy(), prompt: 'whale '.repeat(2000) }));

    expect(error.status).to.equal(400);
    expect(error.code).to.equal('USER_CONTEXT_TOO_LONG');
  });

  it('error USER_INVALID_REQUEST: a field out of range names the field', async () => {
    const error = await failure(openai.completions.create({ ...greedy(), temperature: 9 }));

    expect(error.status).to.equal(400);
    expect(error.code).to.equal('USER_INVALID_REQUEST');
    expect(error.param).to.equal('temperature');
  });

  it('error AUTH_REQUIRED: a wrong key', async () => {
    const stranger = new OpenAI({ baseURL: `${network.apiUrl}/v1`, apiKey: 'wrong', maxRetries: 0 });
    const error = await failure(stranger.completions.create(greedy()));

    expect(error.status).to.equal(401);
    expect(error.code).to.equal('AUTH_REQUIRED');
  });
});
