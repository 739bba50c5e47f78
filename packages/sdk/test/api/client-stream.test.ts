import { type Client, createClient } from '@rios/sdk/api/client';
import { RiosError } from '@rios/sdk/errors/error';
import { expect } from 'chai';
import { type ApiServer, sendJson, startApiServer } from './api-server.ts';
import { chunk } from './views.ts';

const body = { model: 'tiny', prompt: 'Once' };
const event = (value: unknown) => `data: ${typeof value === 'string' ? value : JSON.stringify(value)}\n\n`;

async function collect(client: Client, signal?: AbortSignal) {
  const texts: string[] = [];
  let error: unknown;
  try {
    for await (const part of client.stream('createCompletion', { body, signal })) {
      texts.push(part.choices[0]?.text ?? '');
    }
  } catch (thrown) {
    error = thrown;
  }
  return { texts, code: error instanceof RiosError ? error.code : error };
}

describe('api/client stream', () => {
  let server: ApiServer | undefined;

  async function serve(text: string, status = 200): Promise<Client> {
    server = await startApiServer((_, response) => {
      response.writeHead(status, { 'content-type': 'text/event-stream', 'x-request-id': 'req_9' }).end(text);
    });
    return createClient({ apiUrl: server.apiUrl, timeoutMs: 2000 });
  }

  afterEach(async () => {
    await server?.close();
    server = undefined;
  });

  it('default', async () => {
    const client = await serve(event(chunk('a')) + event(chunk('b')) + event('[DONE]'));

    expect(await collect(client)).to.deep.equal({ texts: ['a', 'b'], code: undefined });
    expect(JSON.parse(String(server?.calls[0]?.body))).to.deep.equal({ ...body, stream: true });
  });

  it('behaviour: chunks arrive before the answer is complete', async () => {
    let finish = () => {};
    server = await startApiServer((_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(event(chunk('first')));
      finish = () => response.end(event('[DONE]'));
    });
    const client = createClient({ apiUrl: server.apiUrl });

    const parts = client.stream('createCompletion', { body });
    const first = await parts.next();
    finish();

    expect(first.value?.choices[0]?.text).to.equal('first');
    expect((await parts.next()).done).to.equal(true);
  });

  it('behaviour: an error in the middle is thrown with its code, after what came before', async () => {
    const error = { code: 'PEER_LOST', message: 'a worker is gone', hint: 'again', retryable: true };
    const client = await serve(event(chunk('a')) + event({ error }));

    expect(await collect(client)).to.deep.equal({ texts: ['a'], code: 'PEER_LOST' });
  });

  it('error PEER_LOST: the stream ends without its end', async () => {
    const client = await serve(event(chunk('a')));

    expect(await collect(client)).to.deep.equal({ texts: ['a'], code: 'PEER_LOST' });
  });

  it('error API_REMOTE: a chunk of a wrong form, or that is not JSON', async () => {
    const wrong = await serve(event({ object: 'other' }));
    expect((await collect(wrong)).code).to.equal('API_REMOTE');
    await server?.close();

    const garbage = await serve(event('not json'));
    expect((await collect(garbage)).code).to.equal('API_REMOTE');
  });

  it('error of the server: a refusal before the stream begins', async () => {
    server = await startApiServer((_, response) => {
      sendJson(response, { error: { code: 'USER_CONTEXT_TOO_LONG', message: 'too long' } }, 400);
    });

    expect((await collect(createClient({ apiUrl: server.apiUrl }))).code).to.equal('USER_CONTEXT_TOO_LONG');
  });

  it('error API_TIMEOUT: the stream stalls', async () => {
    server = await startApiServer((_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(event(chunk('a')));
    });
    const client = createClient({ apiUrl: server.apiUrl, timeoutMs: 100 });

    expect(await collect(client)).to.deep.equal({ texts: ['a'], code: 'API_TIMEOUT' });
  });

  it('error USER_INTERRUPTED: the caller stops in the middle', async () => {
    const stop = new AbortController();
    server = await startApiServer((_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(event(chunk('a')), () => stop.abort());
    });
    const client = createClient({ apiUrl: server.apiUrl, timeoutMs: 5000 });

    expect((await collect(client, stop.signal)).code).to.equal('USER_INTERRUPTED');
  });
});
