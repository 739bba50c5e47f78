import { type Client, createClient } from '@rios/sdk/api/client';
import { RiosError } from '@rios/sdk/errors/error';
import { expect } from 'chai';
import { type Answerer, type ApiServer, sendJson, startApiServer } from './api-server.ts';
import { modelView, PEER, SHA256 } from './views.ts';

async function failure(promise: Promise<unknown>): Promise<RiosError> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof RiosError) return error;
    throw error;
  }
  throw new Error('expected a RiosError');
}

describe('api/client', () => {
  let server: ApiServer | undefined;

  async function start(
    answer: Answerer,
    options: { token?: string; timeoutMs?: number } = {},
  ): Promise<Client> {
    server = await startApiServer(answer);
    return createClient({ apiUrl: server.apiUrl, ...options });
  }

  afterEach(async () => {
    await server?.close();
    server = undefined;
  });

  it('default', async () => {
    const client = await start((_, response) => sendJson(response, modelView()), { token: 'secret' });

    const model = await client.getModel({ params: { name: 'tiny' } });

    expect(model).to.deep.equal(modelView());
    expect(server?.calls[0]?.url.pathname).to.equal('/v1/models/tiny');
    expect(server?.calls[0]?.headers.authorization).to.equal('Bearer secret');
  });

  it('behaviour: parameters, query and body reach the route that declares them', async () => {
    const client = await start((_, response) => sendJson(response, { complete: true }));
    const body = new Uint8Array([0, 1, 2, 255]);

    await client.putChunk({ params: { sha256: SHA256, index: 3 }, query: { sizeBytes: 4 }, body });

    const call = server?.calls[0];
    expect(call?.route).to.equal('putChunk');
    expect(call?.url.pathname).to.equal(`/v1/blobs/${SHA256}/chunks/3`);
    expect(call?.url.search).to.equal('?sizeBytes=4');
    expect(new Uint8Array(call?.body ?? [])).to.deep.equal(body);
  });

  it('behaviour: a POST without a body is sent at once', async () => {
    const client = await start((_, response) => sendJson(response, modelView()));

    await client.unloadModel({ params: { name: 'tiny' } });

    expect(server?.calls[0]?.route).to.equal('unloadModel');
    expect(server?.calls[0]?.body).to.have.length(0);
  });

  it('behaviour: a DELETE is sent at once', async () => {
    const client = await start((_, response) => sendJson(response, { ok: true }));

    expect(await client.removeWorker({ params: { id: PEER } })).to.deep.equal({ ok: true });
  });

  it('behaviour: a parameter cannot leave its path segment', async () => {
    const client = await start((_, response) => sendJson(response, modelView()));

    await client.getModel({ params: { name: 'a/../../healthz?x=1' } });

    expect(server?.calls[0]?.route).to.equal('getModel');
    expect((await failure(client.getModel({ params: { name: '..' } }))).code).to.equal(
      'USER_INVALID_REQUEST',
    );
  });

  it('behaviour: a bytes route answers with a stream, a range asks for a part', async () => {
    const bytes = Buffer.alloc(300_000, 7);
    const client = await start((_, response) => response.writeHead(206).end(bytes));

    const parts: Uint8Array[] = [];
    const stream = await client.getBlob({ params: { sha256: SHA256 }, range: { from: 10, to: 20 } });
    for await (const part of stream) parts.push(part);

    expect(Buffer.concat(parts).equals(bytes)).to.equal(true);
    expect(server?.calls[0]?.headers.range).to.equal('bytes=10-19');
  });

  it("behaviour: the server's error comes back with code, hint, details and request id", async () => {
    const error = {
      code: 'NOT_FOUND_MODEL',
      message: 'no such model',
      hint: 'push it',
      details: { name: 'x' },
    };
    const client = await start((_, response) =>
      sendJson(response, { error }, 404, { 'x-request-id': 'req_1' }),
    );

    const thrown = await failure(client.getModel({ params: { name: 'x' } }));

    expect(thrown).to.include({ code: 'NOT_FOUND_MODEL', message: 'no such model', hint: 'push it' });
    expect(thrown.details).to.deep.equal({ name: 'x', requestId: 'req_1' });
  });

  it('behaviour: an unknown code of the server becomes API_REMOTE', async () => {
    const error = { code: 'NEW_CODE', message: 'from the future' };
    const client = await start((_, response) => sendJson(response, { error }, 500));

    expect(await failure(client.health())).to.include({ code: 'API_REMOTE', message: 'from the future' });
  });

  it('behaviour: a status without a body of ours is mapped by its number', async () => {
    for (const [status, code] of [
      [401, 'AUTH_REQUIRED'],
      [403, 'AUTH_FORBIDDEN'],
      [429, 'QUOTA_RATE'],
      [502, 'API_REMOTE'],
    ] as const) {
      const client = await start((_, response) => response.writeHead(status).end('<html>'));

      expect((await failure(client.health())).code, String(status)).to.equal(code);
      await server?.close();
    }
  });

  it('behaviour: a redirect is not followed, so the token goes nowhere else', async () => {
    const other = await startApiServer((_, response) => sendJson(response, { ok: true }));
    const client = await start(
      (_, response) => response.writeHead(302, { location: `${other.apiUrl}/healthz` }).end(),
      { token: 'secret' },
    );

    const thrown = await failure(client.health());
    await other.close();

    expect(thrown.code).to.equal('API_REMOTE');
    expect(other.calls).to.have.length(0);
  });

  it('behaviour: a GET cut off by the network is tried again', async () => {
    let tries = 0;
    const client = await start((_, response) => {
      tries++;
      if (tries === 1) response.destroy();
      else sendJson(response, { ok: true });
    });

    expect(await client.health()).to.deep.equal({ ok: true });
    expect(tries).to.equal(2);
  });

  it('behaviour: a POST cut off by the network is not tried again', async () => {
    const client = await start((_, response) => response.destroy());

    const thrown = await failure(client.unloadModel({ params: { name: 'tiny' } }));

    expect(thrown.code).to.equal('API_UNREACHABLE');
    expect(server?.calls).to.have.length(1);
  });

  it('error API_REMOTE: an answer of a wrong form, or that is not JSON', async () => {
    const wrong = await start((_, response) => sendJson(response, { name: 3 }));
    expect((await failure(wrong.getModel({ params: { name: 'x' } }))).code).to.equal('API_REMOTE');
    await server?.close();

    const text = await start((_, response) => response.end('hello'));
    expect((await failure(text.health())).code).to.equal('API_REMOTE');
  });

  it('error API_UNREACHABLE: nobody listens', async () => {
    const gone = await startApiServer(() => {});
    await gone.close();

    const thrown = await failure(createClient({ apiUrl: gone.apiUrl }).health());

    expect(thrown.code).to.equal('API_UNREACHABLE');
    expect(thrown.retryable).to.equal(true);
  });

  it('error API_TIMEOUT: the server accepts and says nothing', async () => {
    const client = await start(() => {}, { timeoutMs: 50 });

    expect((await failure(client.health())).code).to.equal('API_TIMEOUT');
  });

  it('error USER_INTERRUPTED: the caller aborts', async () => {
    const stop = new AbortController();
    const client = await start(() => stop.abort());

    expect((await failure(client.health({ signal: stop.signal }))).code).to.equal('USER_INTERRUPTED');
  });

  it('error USER_INVALID_REQUEST: a bytes route without bytes', async () => {
    const client = await start((_, response) => sendJson(response, modelView()));

    const thrown = await failure(client.registerModel({ params: { name: 'x' } }));

    expect(thrown.code).to.equal('USER_INVALID_REQUEST');
  });

  it('behaviour: told to wait, an idempotent call waits as long and is sent again', async () => {
    let tries = 0;
    const client = await start((_, response) => {
      tries++;
      if (tries <= 2) sendJson(response, { error: { code: 'QUOTA_RATE' } }, 429, { 'retry-after': '0' });
      else sendJson(response, { complete: true });
    });
    const body = new Uint8Array([1]);

    const sent = await client.putChunk({
      params: { sha256: SHA256, index: 0 },
      query: { sizeBytes: 1 },
      body,
    });
    expect(sent).to.deep.equal({ complete: true });
    expect(tries).to.equal(3);
  });

  it('error QUOTA_RATE: a POST is not sent again, unless it has an idempotency key', async () => {
    let tries = 0;
    const client = await start((_, response) => {
      tries++;
      if (tries <= 2) sendJson(response, { error: { code: 'QUOTA_RATE' } }, 429, { 'retry-after': '0' });
      else sendJson(response, modelView());
    });
    const params = { name: 'tiny' };

    expect((await failure(client.unloadModel({ params }))).code).to.equal('QUOTA_RATE');
    const idempotencyKey = 'b2f6d1f2-0a57-4a39-8a5c-3c8a44b1f5a7';
    expect(await client.unloadModel({ params, idempotencyKey })).to.deep.equal(modelView());
    expect(server?.calls.map(({ headers }) => headers['idempotency-key'])).to.deep.equal([
      undefined,
      idempotencyKey,
      idempotencyKey,
    ]);
  });

  it('error QUOTA_RATE: no patience for more than a minute; the caller can stop waiting', async () => {
    const refuse =
      (seconds: string): Answerer =>
      (_, response) =>
        sendJson(response, { error: { code: 'QUOTA_RATE' } }, 429, { 'retry-after': seconds });
    const long = await start(refuse('3600'));
    expect((await failure(long.health())).code).to.equal('QUOTA_RATE');
    expect(server?.calls).to.have.length(1);
    await server?.close();

    const stop = new AbortController();
    const client = await start((call, response) => {
      refuse('30')(call, response);
      setImmediate(() => stop.abort());
    });
    expect((await failure(client.health({ signal: stop.signal }))).code).to.equal('USER_INTERRUPTED');
  });

  it('behaviour: under an idempotency key a POST cut off by the network is tried again', async () => {
    let tries = 0;
    const client = await start((_, response) => {
      tries++;
      if (tries === 1) response.destroy();
      else sendJson(response, modelView());
    });

    const idempotencyKey = 'b2f6d1f2-0a57-4a39-8a5c-3c8a44b1f5a7';
    expect(await client.unloadModel({ params: { name: 'tiny' }, idempotencyKey })).to.deep.equal(modelView());
  });

  it('behaviour: events come as a stream', async () => {
    const event = { id: 7, at: 1, kind: 'worker.lost', subject: 'w', message: 'm' };
    const client = await start((_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(`: keep-alive\n\nid: 7\ndata: ${JSON.stringify(event)}\n\n`);
    });

    for await (const got of client.stream('watchEvents', {
      query: { after: 6, topics: ['worker', 'model'] },
    })) {
      expect(got).to.deep.equal(event);
      break;
    }
    expect(server?.calls[0]?.url.search).to.equal('?after=6&topics=worker%2Cmodel');
  });
});
