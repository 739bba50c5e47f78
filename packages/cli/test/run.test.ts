import { expect } from 'chai';
import { type Answers, type ApiServer, sendError, sendJson, startApiServer } from './support/api-server.ts';
import { jsonOf, runCli } from './support/run-cli.ts';
import { completion, modelView, runSummary, streamOf } from './support/views.ts';

describe('rios run', () => {
  let server: ApiServer | undefined;
  afterEach(async () => {
    await server?.close();
    server = undefined;
  });

  async function serve(stream: string, answers: Answers = {}): Promise<ApiServer> {
    server = await startApiServer({
      getModel: (_, response) => sendJson(response, modelView()),
      createCompletion: (_, response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' }).end(stream);
      },
      ...answers,
    });
    return server;
  }

  const asked = () =>
    JSON.parse(String(server?.calls.find((call) => call.route === 'createCompletion')?.body));

  it('default', async () => {
    const { env } = await serve(streamOf(['Hello', ' world']));

    const { code, stdout, stderr } = await runCli(['run', 'tiny', 'Say'], { env });

    expect(code).to.equal(0);
    expect(stdout).to.equal('Hello world\n');
    expect(stderr).to.include('34.5 tokens/s').and.include('req_0123456789');
    expect(asked()).to.include({ model: 'tiny', prompt: 'Say', stream: true, max_tokens: 128 });
    expect(asked()).not.to.have.any.keys('temperature', 'seed', 'top_p');
  });

  it('option: json', async () => {
    const logprobs = [{ id: 5, text: 'a', logprob: -0.5, top: [{ id: 5, text: 'a', logprob: -0.5 }] }];
    const { env } = await serve(streamOf(['a', 'b'], runSummary({ logprobs })));

    const result = await runCli(['run', 'tiny', 'Say', '--json', '--logprobs', '1'], { env });

    const { workers, shape, requestId, model } = runSummary();
    expect(jsonOf(result)).to.deep.equal({
      text: 'ab',
      ids: [5, 6],
      logprobs,
      usage: { promptTokens: 3, completionTokens: 2, totalTokens: 5 },
      ttftMs: 12,
      tokensPerSecond: 34.5,
      shape,
      workers,
      requestId,
      finishReason: 'length',
      model,
    });
    expect(result.stdout.trimEnd().split('\n')).to.have.length(1);
  });

  it('option: the sampling flags reach the request', async () => {
    const { env } = await serve(streamOf(['a']));

    await runCli(
      [
        'run',
        'tiny',
        '--temperature',
        '0.5',
        '--top-p',
        '0.9',
        '--seed',
        '7',
        '--stop',
        'x',
        '--stop',
        'y',
        '--max-tokens',
        '4',
        '--echo',
        'Say',
      ],
      { env },
    );

    expect(asked()).to.deep.include({
      prompt: 'Say',
      temperature: 0.5,
      top_p: 0.9,
      seed: 7,
      stop: ['x', 'y'],
      max_tokens: 4,
      echo: true,
    });
  });

  it('option: ids bypass the tokenizer', async () => {
    const { env } = await serve(streamOf(['a']));

    await runCli(['run', 'tiny', '--ids', '[1,2,3]'], { env });

    expect(asked().prompt).to.deep.equal([1, 2, 3]);
  });

  it('behaviour: - reads the prompt from stdin, byte for byte', async () => {
    const { env } = await serve(streamOf(['a']));

    await runCli(['run', 'tiny', '-'], { env, input: 'two\nlines\n' });

    expect(asked().prompt).to.equal('two\nlines\n');
  });

  it('option: quiet leaves stderr empty, no-stream prints the same text', async () => {
    const { env } = await serve(streamOf(['Hello', ' world']));

    expect(await runCli(['run', 'tiny', 'Say', '--quiet', '--no-stream'], { env })).to.deep.equal({
      code: 0,
      stdout: 'Hello world\n',
      stderr: '',
    });
  });

  it('behaviour: a model that is on no worker is placed first, with progress', async () => {
    let state: 'stored' | 'placing' | 'ready' = 'stored';
    const { env } = await serve(streamOf(['a']), {
      getModel: (_, response) => {
        sendJson(response, modelView({ state, reason: '3 of 22 parts are ready' }));
        if (state === 'placing') state = 'ready';
      },
      placeModel: (_, response) => {
        state = 'placing';
        sendJson(response, modelView({ state }));
      },
    });

    const { code, stderr } = await runCli(['run', 'tiny', 'Say'], { env });

    expect(code).to.equal(0);
    expect(stderr).to.include('3 of 22 parts are ready');
    expect(server?.names().filter((name) => name !== 'getModel')).to.deep.equal([
      'placeModel',
      'createCompletion',
    ]);
  });

  it('error CAPACITY_NO_PLACEMENT: a failed placement is told at once: no state is of before the wish', async () => {
    let state: 'stored' | 'failed' = 'stored';
    const error = { code: 'CAPACITY_NO_PLACEMENT', message: 'no room', hint: 'add', retryable: true };
    const { env } = await serve(streamOf(['a']), {
      getModel: (_, response) =>
        sendJson(response, modelView({ state, error: state === 'failed' ? error : null })),
      placeModel: (_, response) => {
        state = 'failed';
        sendJson(response, modelView({ state: 'placing' }));
      },
    });

    expect((await runCli(['run', 'tiny', 'Say'], { env })).code).to.equal(8);
    expect(server?.names()).to.deep.equal(['getModel', 'placeModel', 'getModel']);
  });

  it('behaviour: a model that is being placed keeps what was asked for it', async () => {
    let state: 'placing' | 'ready' = 'placing';
    const { env } = await serve(streamOf(['a']), {
      getModel: (_, response) => {
        sendJson(response, modelView({ state }));
        state = 'ready';
      },
    });

    expect((await runCli(['run', 'tiny', 'Say'], { env })).code).to.equal(0);
    expect(server?.names()).not.to.include('placeModel');
  });

  it('error PEER_LOST: in the middle of the answer; what came before stands', async () => {
    const error = { code: 'PEER_LOST', message: 'w1 is gone', hint: 'again', retryable: true };
    const { env } = await serve(
      `data: ${JSON.stringify(completion('Hel'))}\n\ndata: ${JSON.stringify({ error })}\n\n`,
    );

    const text = await runCli(['run', 'tiny', 'Say'], { env });
    const json = await runCli(['run', 'tiny', 'Say', '--json'], { env });

    expect(text.code).to.equal(11);
    expect(text.stdout).to.equal('Hel');
    expect(jsonOf(json).error).to.include({ code: 'PEER_LOST', retryable: true });
  });

  it('error NOT_FOUND_MODEL: nothing is asked', async () => {
    const { env } = await serve('', {
      getModel: (_, response) => sendError(response, 404, 'NOT_FOUND_MODEL'),
    });

    expect((await runCli(['run', 'gone', 'Say'], { env })).code).to.equal(5);
    expect(server?.names()).to.deep.equal(['getModel']);
  });
});
