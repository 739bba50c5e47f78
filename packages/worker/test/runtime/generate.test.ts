import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { RiosError } from '@rios/sdk/errors/error';
import type { Input } from '@rios/sdk/schema/inference';
import { createTextCodec, type TextCodec } from '@rios/sdk/text/text-codec';
import { expect } from 'chai';
import { createEngine } from '../../src/runtime/create-engine.ts';
import type { ModelFiles, StageSpec } from '../../src/runtime/engine.ts';
import type { ComputeEngine } from '../../src/runtime/measured-engine.ts';
import { ask, noNetwork, rejection, sampling, stageSpec } from './support/builders.ts';
import { allParts, referenceCase, tinyModel } from './support/tiny-model.ts';

const WHALE = referenceCase('whale');
const PROMPT: Input = { kind: 'text', text: WHALE.prompt };

describe('generate', () => {
  let model: ModelFiles;
  let engine: ComputeEngine;
  let codec: TextCodec;
  const open = (overrides: Partial<StageSpec> = {}) =>
    engine.openStage(stageSpec(model, overrides), noNetwork());
  /** Asks a session of its own. */
  const answer = async (input: Input, settings: Parameters<typeof sampling>[0] = {}, spec = {}) => {
    const stage = await open(spec);
    try {
      return await ask(stage, input, sampling(settings));
    } finally {
      await stage.close();
    }
  };

  before(async () => {
    model = await tinyModel();
    engine = await createEngine({ threads: 1 });
    await engine.load(model, allParts(model));
    const read = async (name: string): Promise<unknown> =>
      JSON.parse(await readFile(join(model.directory, name), 'utf8'));
    codec = await createTextCodec(await read('tokenizer.json'), await read('tokenizer_config.json'));
  });
  after(() => engine.stop());

  it('default: streams the text of the tokens', async () => {
    const { ids, text, parts } = await answer(PROMPT);

    expect(ids).to.deep.equal(WHALE.greedy.slice(0, 16));
    expect(text).to.equal(codec.decode([...WHALE.ids, ...ids]).slice(WHALE.prompt.length));
    expect(parts).to.have.length(16);
  });

  it('option ids: token ids go in without the tokenizer', async () => {
    const { ids } = await answer({ kind: 'ids', ids: [...WHALE.ids] });

    expect(ids).to.deep.equal(WHALE.greedy.slice(0, 16));
  });

  it('option chat: messages go through the chat template', async () => {
    const { ids, promptTokens } = await answer({
      kind: 'chat',
      messages: [{ role: 'user', content: [{ type: 'text', text: WHALE.prompt }] }],
    });

    expect(promptTokens).to.equal(WHALE.ids.length);
    expect(ids).to.deep.equal(WHALE.greedy.slice(0, 16));
  });

  it('option seed: the same seed gives the same tokens, another seed others', async () => {
    const settings = { temperature: 1, topP: 0.95, seed: 5 };
    const one = await answer(PROMPT, settings);
    const again = await answer(PROMPT, settings);
    const other = await answer(PROMPT, { ...settings, seed: 6 });

    expect(again.ids).to.deep.equal(one.ids);
    expect(other.ids).not.to.deep.equal(one.ids);
  });

  it('option logprobs: one entry per token, the best first, its own logprob among them', async () => {
    const { parts } = await answer(PROMPT, { logprobs: 3, maxTokens: 4 });

    const entries = parts.flatMap((part) => part.logprobs ?? []);
    expect(entries.map(({ id }) => id)).to.deep.equal(WHALE.greedy.slice(0, 4));
    for (const { id, logprob, top } of entries) {
      expect(top).to.have.length(3);
      expect(top[0]).to.include({ id, logprob });
      expect(top[1]?.logprob, 'falling').to.be.at.most(top[0]?.logprob ?? 0);
      expect(top.reduce((sum, entry) => sum + Math.exp(entry.logprob), 0)).to.be.at.most(1);
    }
  });

  for (const name of ['whale', 'long', 'one-token']) {
    it(`option echo: "${name}" comes back first, with the reference's log-probabilities`, async () => {
      const one = referenceCase(name);

      const { parts, ids } = await answer(
        { kind: 'text', text: one.prompt },
        { echo: true, logprobs: 1, maxTokens: 2 },
      );

      const prompt = parts.filter((part) => part.prompt === true);
      expect(parts.slice(0, prompt.length), 'the prompt is first').to.deep.equal(prompt);
      expect(prompt.map((part) => part.text).join('')).to.equal(one.prompt);
      expect(prompt.flatMap((part) => part.ids)).to.deep.equal(one.ids);
      const entries = prompt.flatMap((part) => part.logprobs ?? []);
      expect(entries.map(({ id }) => id)).to.deep.equal(one.ids);
      expect(entries[0]).to.include({ logprob: null });
      entries.slice(1).forEach((entry, i) => {
        expect(entry.top[0]?.id, `best before position ${i + 1}`).to.equal(one.topPerPosition[i]);
        expect(entry.logprob, `position ${i + 1}`).to.be.at.most(entry.top[0]?.logprob ?? 0);
      });
      expect(ids, 'echo changes no token').to.deep.equal(one.greedy.slice(0, 2));
    });
  }

  it('option echo: with maxTokens 0 only the prompt comes back', async () => {
    const { parts, completionTokens, finishReason } = await answer(PROMPT, { echo: true, maxTokens: 0 });

    expect(parts.flatMap((part) => part.ids)).to.deep.equal(WHALE.ids);
    expect({ completionTokens, finishReason }).to.deep.equal({ completionTokens: 0, finishReason: 'length' });
  });

  it('option stop: text ends before the stop string, which is never shown in part', async () => {
    const whole = await answer(PROMPT, { maxTokens: 32 });
    const stop = whole.text.slice(20, 27);

    const { text, parts, finishReason } = await answer(PROMPT, { maxTokens: 32, stop: ['\u0000', stop] });

    expect(text).to.equal(whole.text.slice(0, whole.text.indexOf(stop)));
    expect(finishReason).to.equal('stop');
    expect(parts.length).to.be.lessThan(whole.parts.length);
  });

  it('option stopAtEos: an end-of-sequence token ends the answer, and has no text', async () => {
    const [third] = WHALE.greedy.slice(2);
    const eager = {
      ...model,
      manifest: { ...model.manifest, tokens: { ...model.manifest.tokens, eos: [third ?? 0] } },
    };
    const other = await createEngine({ threads: 1 });
    try {
      await other.load(eager, allParts(eager));
      const stage = await other.openStage(stageSpec(eager), noNetwork());

      const { ids, finishReason } = await ask(stage, PROMPT, sampling({ stopAtEos: true }));

      expect(ids).to.deep.equal(WHALE.greedy.slice(0, 3));
      expect(finishReason).to.equal('stop');
    } finally {
      await other.stop();
    }
  });

  it('behaviour: characters of several tokens are never cut', async () => {
    const { parts } = await answer(
      { kind: 'text', text: 'naïve — 東京 🐋 — “café' },
      { echo: true, maxTokens: 1 },
    );

    for (const part of parts.filter(({ prompt }) => prompt)) expect(part.text).not.to.include('\uFFFD');
  });

  it('behaviour: the answer ends where the context does', async () => {
    const { completionTokens, finishReason } = await answer(
      PROMPT,
      { maxTokens: 1000 },
      { maxPositions: 20 },
    );

    expect(completionTokens).to.equal(20 - WHALE.ids.length);
    expect(finishReason).to.equal('length');
  });

  it('behaviour: the last position of the context can be generated', async () => {
    const ids = Array.from({ length: 510 }, (_, i) => (i * 31) % 4096);

    const { completionTokens } = await answer({ kind: 'ids', ids }, { maxTokens: 10 });

    expect(completionTokens).to.equal(2);
  });

  it('error USER_CONTEXT_TOO_LONG: says how long the prompt is and what fits', async () => {
    const ids = new Array<number>(513).fill(5);

    const error = await rejection(answer({ kind: 'ids', ids }));

    expect(error).to.have.property('code', 'USER_CONTEXT_TOO_LONG');
    expect(error).to.have.deep.property('details', { promptTokens: 513, context: 512 });
  });

  it('error USER_INVALID_REQUEST: a token id outside the vocabulary', async () => {
    const error = await rejection(answer({ kind: 'ids', ids: [1, 4096] }));

    expect(error).to.have.property('code', 'USER_INVALID_REQUEST');
  });

  it('error USER_INVALID_REQUEST: an empty prompt', async () => {
    const error = await rejection(answer({ kind: 'text', text: '' }));

    expect(error).to.have.property('code', 'USER_INVALID_REQUEST');
  });

  it('error USER_NO_CHAT_TEMPLATE: the model has none', async () => {
    const files = model.manifest.files.filter(({ path }) => path !== 'chat_template.jinja');
    const parts = model.manifest.parts.map((part) => ({
      ...part,
      files: part.files.filter((path) => path !== 'chat_template.jinja'),
    }));
    const plain = { ...model, manifest: { ...model.manifest, files, parts } };
    const other = await createEngine({ threads: 1 });
    try {
      await other.load(plain, allParts(plain));
      const stage = await other.openStage(stageSpec(plain), noNetwork());

      const chat: Input = { kind: 'chat', messages: [{ role: 'user', content: 'hello' }] };
      const error = await rejection(ask(stage, chat, sampling()));

      expect(error).to.have.property('code', 'USER_NO_CHAT_TEMPLATE');
    } finally {
      await other.stop();
    }
  });

  it('error QUOTA_UNITS: stops before it computes more than the ticket allows', async () => {
    const stage = await open({ maxUnits: 200 });

    const error = await rejection(ask(stage, PROMPT, sampling({ maxTokens: 64 })));
    const work = await stage.close();

    expect(error).to.have.property('code', 'QUOTA_UNITS');
    expect(work.units).to.be.within(150, 200);
  });

  it('error USER_INTERRUPTED: an abort ends it between tokens', async () => {
    const stage = await open();
    const abort = new AbortController();
    const parts: unknown[] = [];

    const running = stage.generate(PROMPT, sampling({ maxTokens: 500 }), abort.signal, (part) => {
      parts.push(part);
      if (parts.length === 3) abort.abort();
    });

    expect(await rejection(running)).to.have.property('code', 'USER_INTERRUPTED');
    expect(parts.length).to.be.lessThan(400);
    await stage.close();
  });

  it('behaviour: fail ends a running answer with its error', async () => {
    const stage = await open();

    const running = stage.generate(
      PROMPT,
      sampling({ maxTokens: 500 }),
      new AbortController().signal,
      () => {},
    );
    stage.fail(new RiosError('PEER_LOST', 'a stage died', { details: { peerId: 'x' } }));

    const error = await rejection(running);
    expect(error).to.include({ code: 'PEER_LOST', message: 'a stage died' });
    await stage.close();
  });

  it('behaviour: close ends a running answer, frees the session, and may be called twice', async () => {
    const stage = await open();
    expect(engine.sessions).to.equal(1);

    const running = rejection(ask(stage, PROMPT, sampling({ maxTokens: 500 })));
    const work = await stage.close();

    expect(await running).to.have.property('code', 'RUNTIME_SESSION');
    expect(await stage.close()).to.equal(work);
    expect(engine.sessions).to.equal(0);
  });

  it('behaviour: stopping the engine ends running answers', async () => {
    const other = await createEngine({ threads: 1 });
    await other.load(model, allParts(model));
    const stage = await other.openStage(stageSpec(model), noNetwork());
    const started = Promise.withResolvers<void>();
    const settings = sampling({ maxTokens: 500 });
    const running = rejection(
      stage.generate(PROMPT, settings, new AbortController().signal, () => started.resolve()),
    );
    await started.promise;

    await other.stop();

    expect(await running).to.have.property('code', 'RUNTIME_SESSION');
  });

  it('error PEER_PROTOCOL: a session answers one prompt', async () => {
    const stage = await open();
    await ask(stage, PROMPT, sampling({ maxTokens: 1 }));

    expect(await rejection(ask(stage, PROMPT, sampling()))).to.have.property('code', 'PEER_PROTOCOL');
    await stage.close();
  });
});
