import { systemClock } from '@rios/sdk/clock';
import { RiosError } from '@rios/sdk/errors/error';
import { expect } from 'chai';
import OpenAI, {
  APIError,
  AuthenticationError,
  BadRequestError,
  InternalServerError,
  NotFoundError,
} from 'openai';
import { createOpenaiEndpoints } from '../../src/openai/openai-endpoints.ts';
import type { Inference, InferenceRequest } from '../../src/services/inference-port.ts';
import { anEnd, anEntry, aSummary } from '../support/generated.ts';
import { type SmallGateway, startGateway, TOKEN } from '../support/small-gateway.ts';

const WORDS = ['Once', ' upon', ' a', ' time'];

/** Says four words, or what is wrong with the model that was asked for. */
const recite: Inference['run'] = async ({ model, requestId, onPart, sampling }) => {
  if (model !== 'tiny') throw new RiosError('NOT_FOUND_MODEL', `there is no model ${model}`);
  const logprobs = (word: string) => (sampling.logprobs === null ? {} : { logprobs: [anEntry(word, -1)] });
  for (const [id, text] of WORDS.entries()) await onPart({ text, ids: [id], ...logprobs(text) });
  return { end: anEnd(), summary: aSummary(requestId) };
};

describe('the official openai client', () => {
  let gateway: SmallGateway;
  let asked: InferenceRequest | undefined;
  let run: Inference['run'] = recite;
  let openai: OpenAI;
  beforeEach(async () => {
    run = recite;
    const inference: Inference = {
      run: (request) => {
        asked = request;
        return run(request);
      },
    };
    gateway = await startGateway({
      ...createOpenaiEndpoints({ inference, clock: systemClock, randomSeed: () => 7 }),
      listModels: async () => ({
        object: 'list',
        data: [{ id: 'tiny', object: 'model', created: 1, owned_by: 'rios' }],
      }),
    });
    openai = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: TOKEN, maxRetries: 0 });
  });
  afterEach(() => gateway.stop());

  it('default: completions', async () => {
    const answer = await openai.completions.create({
      model: 'tiny',
      prompt: 'p',
      max_tokens: 4,
      logprobs: 1,
    });

    expect(answer.choices[0]?.text).to.equal('Once upon a time');
    expect(answer.choices[0]?.logprobs?.tokens).to.deep.equal(WORDS);
    expect(answer.usage?.total_tokens).to.equal(5);
    expect(asked?.sampling).to.include({ maxTokens: 4, seed: 7, logprobs: 1 });
    expect(asked?.account).to.equal('acc_0000000001');
    expect(answer.id).to.equal(asked?.requestId);
  });

  it('option stream: completions', async () => {
    const stream = await openai.completions.create({ model: 'tiny', prompt: [1, 2], stream: true });
    const texts: string[] = [];
    for await (const chunk of stream) texts.push(chunk.choices[0]?.text ?? '');

    expect(texts).to.deep.equal([...WORDS, '']);
    expect(asked?.input).to.deep.equal({ kind: 'ids', ids: [1, 2] });
  });

  it('default: chats', async () => {
    const messages = [{ role: 'user' as const, content: 'Tell me a story' }];
    const answer = await openai.chat.completions.create({ model: 'tiny', messages, seed: 3 });

    expect(answer.choices[0]?.message.content).to.equal('Once upon a time');
    expect(asked?.input).to.deep.equal({ kind: 'chat', messages });
    expect(asked?.sampling.seed).to.equal(3);
  });

  it('option stream: chats, with usage at the end', async () => {
    const stream = await openai.chat.completions.create({
      model: 'tiny',
      messages: [{ role: 'user', content: [{ type: 'text', text: 'x' }] }],
      stream: true,
      stream_options: { include_usage: true },
    });
    let text = '';
    let total: number | undefined;
    for await (const chunk of stream) {
      text += chunk.choices[0]?.delta.content ?? '';
      total = chunk.usage?.total_tokens;
    }

    expect(text).to.equal('Once upon a time');
    expect(total).to.equal(5);
  });

  it('option rios.quote: a firm quote goes with the request, by either route', async () => {
    const signed = { payload: 'cXVvdGU', signature: 'c2lnbmF0dXJl' };
    const rios = { quote: { quote: signed, certificate: signed } };

    const completion = { model: 'tiny', prompt: 'p', rios };
    await openai.completions.create(completion);
    expect(asked?.quote).to.deep.equal(rios.quote);
    const chat = { model: 'tiny', messages: [{ role: 'user' as const, content: 'x' }], rios };
    asked = undefined;
    await openai.chat.completions.create(chat);
    expect(asked).to.have.property('quote').that.deep.equals(rios.quote);
  });

  it('default: models', async () => {
    const names: string[] = [];
    for await (const model of openai.models.list()) names.push(model.id);

    expect(names).to.deep.equal(['tiny']);
  });

  const fail = (work: Promise<unknown>) =>
    work.then(
      () => expect.fail('it succeeded'),
      (error: unknown) => error,
    );

  it('behaviour: errors are of the classes that users catch', async () => {
    const ask = (model: string, client = openai) => fail(client.completions.create({ model, prompt: 'p' }));
    const stranger = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: 'wrong', maxRetries: 0 });

    const missing = await ask('nothing');
    expect(missing).to.be.instanceOf(NotFoundError);
    expect(missing).to.include({ code: 'NOT_FOUND_MODEL', type: 'not_found_error', param: 'model' });
    const refused = await ask('tiny', stranger);
    expect(refused).to.be.instanceOf(AuthenticationError);
    expect(refused).to.include({ code: 'AUTH_REQUIRED', type: 'authentication_error' });
    const hot = await fail(openai.completions.create({ model: 'tiny', prompt: 'p', temperature: 9 }));
    expect(hot).to.be.instanceOf(BadRequestError);
    expect(hot).to.include({ type: 'invalid_request_error', param: 'temperature' });
    run = async () => {
      throw new RiosError('CAPACITY_NO_WORKERS', 'there are no workers');
    };
    expect(await ask('tiny'))
      .to.be.instanceOf(InternalServerError)
      .and.include({ status: 503 });
  });

  it('behaviour: a request that fails in mid-stream raises, and keeps what came before', async () => {
    run = async ({ onPart }) => {
      await onPart({ text: 'Once', ids: [1] });
      throw new RiosError('PEER_LOST', 'a worker is gone');
    };
    const stream = await openai.completions.create({ model: 'tiny', prompt: 'p', stream: true });
    const texts: string[] = [];
    const error = await fail(
      (async () => {
        for await (const chunk of stream) texts.push(chunk.choices[0]?.text ?? '');
      })(),
    );

    expect(texts).to.deep.equal(['Once']);
    expect(error).to.be.instanceOf(APIError).and.include({ code: 'PEER_LOST' });
  });

  it('behaviour: aborting in the client aborts the inference', async () => {
    let aborted = () => {};
    const whenAborted = new Promise<void>((resolve) => (aborted = resolve));
    run = async ({ onPart, signal }) => {
      await onPart({ text: 'Once', ids: [1] });
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
      aborted();
      throw signal.reason;
    };
    const stream = await openai.completions.create({ model: 'tiny', prompt: 'p', stream: true });
    for await (const _chunk of stream) stream.controller.abort();

    await whenAborted;
  });
});
