import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { RiosError } from '@rios/sdk/errors/error';
import { idSchema } from '@rios/sdk/schema/common';
import { CHUNK_BYTES } from '@rios/sdk/schema/manifest';
import { expect } from 'chai';
import { z } from 'zod';
import type { ServiceEndpoints } from '../../src/gateway/endpoint.ts';
import { ask, type SmallGateway, STATUS_TOKEN, startGateway } from '../support/small-gateway.ts';

const issuesSchema = z.object({ issues: z.array(z.object({ path: z.string() })) });
const SHA = 'a'.repeat(64);
const CHUNK_PATH = `/v1/blobs/${SHA}/chunks/0?sizeBytes=3`;

describe('mountGateway', () => {
  let gateway: SmallGateway | undefined;
  const start = async (endpoints: Partial<ServiceEndpoints>) => {
    gateway = await startGateway(endpoints);
    return gateway.url;
  };
  afterEach(() => gateway?.stop());

  it('default: an endpoint gets what was validated, and its answer is sent', async () => {
    const url = await start({
      createInvite: async ({ body, caller, requestId }) => {
        expect(body).to.deep.equal({ ttlMs: 86_400_000, maxUses: 3 });
        expect(caller.name).to.equal('local');
        expect(idSchema.parse(requestId)).to.match(/^req_/);
        return {
          invite: 'text',
          view: { id: 'inv_0000000001', state: 'open', createdAt: 1, expiresAt: 2, maxUses: 3, usedBy: [] },
        };
      },
    });

    const answer = await ask(url, '/v1/invites', { method: 'POST', body: '{"maxUses":3}' });
    expect(answer.status).to.equal(200);
    expect(answer.json()).to.include({ invite: 'text' });
    expect(answer.headers['x-request-id']).to.match(/^req_/);
  });

  it('behaviour: health needs no token; everything else does', async () => {
    const url = await start({ health: async () => ({ ok: true }) });

    expect((await ask(url, '/healthz', { token: null })).json()).to.deep.equal({ ok: true });
    const answer = await ask(url, '/v1/status', { token: null });
    expect(answer.status).to.equal(401);
    expect(answer.headers['www-authenticate']).to.equal('Bearer');
    expect(answer.error()).to.include({ code: 'AUTH_REQUIRED', retryable: false });
  });

  for (const token of ['wrong', 'x'.repeat(600), 'rios_all rios_all']) {
    it(`error AUTH_REQUIRED: the token ${token.slice(0, 20)}`, async () => {
      const url = await start({});

      expect((await ask(url, '/v1/status', { token })).error()).to.include({ code: 'AUTH_REQUIRED' });
    });
  }

  it('error AUTH_FORBIDDEN: a token without the scope of the route', async () => {
    const url = await start({});

    const answer = await ask(url, '/v1/invites', { token: STATUS_TOKEN });
    expect(answer.status).to.equal(403);
    expect(answer.error()).to.deep.include({ code: 'AUTH_FORBIDDEN', details: { scope: 'network' } });
  });

  it('error USER_INVALID_REQUEST: the issues say what is wrong', async () => {
    const url = await start({});

    const answer = await ask(url, '/v1/invites', { method: 'POST', body: '{"maxUses":0,"more":1}' });
    expect(answer.status).to.equal(400);
    expect(answer.error()).to.include({
      code: 'USER_INVALID_REQUEST',
      requestId: answer.headers['x-request-id'],
    });
    const paths = issuesSchema.parse(answer.error().details).issues.map(({ path }) => path);
    expect(paths).to.deep.equal(['maxUses', 'body']);
  });

  for (const [name, body] of [
    ['broken JSON', '{"a":'],
    ['nothing', ''],
    ['text that is not UTF-8', Buffer.from([0x22, 0xff, 0x22])],
    ['a list', '[]'],
    ['deep nesting', '['.repeat(100_000)],
    ['nesting that would parse', `{"maxUses":${'['.repeat(65)}${']'.repeat(65)}}`],
    ['a key twice', '{"maxUses":1,"maxUses":2}'],
    ['a key twice, once escaped', '{"maxUses":1,"max\\u0055ses":2}'],
  ] as const) {
    it(`error USER_INVALID_REQUEST: a body of ${name}`, async () => {
      const url = await start({});

      const answer = await ask(url, '/v1/invites', { method: 'POST', body });
      expect(answer.error()).to.include({ code: 'USER_INVALID_REQUEST' });
    });
  }

  it('error USER_INVALID_REQUEST: bad params and query', async () => {
    const url = await start({ listInvites: async () => ({ invites: [] }) });
    const put = (path: string) => ask(url, path, { method: 'PUT', body: 'abc' });

    for (const path of [
      `/v1/blobs/${SHA}/chunks/x?sizeBytes=3`,
      `/v1/blobs/${SHA}/chunks/-1?sizeBytes=3`,
      `/v1/blobs/nothex/chunks/0?sizeBytes=3`,
      `/v1/blobs/${SHA}/chunks/0`,
      `/v1/blobs/${SHA}/chunks/0?sizeBytes=3&sizeBytes=4`,
      `/v1/blobs/${SHA}/chunks/0?sizeBytes=1e400`,
    ]) {
      const answer = await put(path);
      expect(answer.status, path).to.equal(400);
      expect(answer.error(), path).to.include({ code: 'USER_INVALID_REQUEST' });
    }
    expect((await ask(url, '/v1/invites?__proto__=1')).status).to.equal(400);
  });

  it('behaviour: raw bytes arrive as they were sent, up to the limit', async () => {
    let got: Uint8Array = new Uint8Array();
    const url = await start({
      putChunk: async ({ bytes }) => {
        got = bytes;
        return { complete: true };
      },
    });
    const whole = Buffer.alloc(CHUNK_BYTES, 7);

    expect((await ask(url, CHUNK_PATH, { method: 'PUT', body: whole })).status).to.equal(200);
    expect(Buffer.from(got).equals(whole)).to.equal(true);
  });

  it('error USER_INVALID_REQUEST: a body over the limit, announced or not, never reaches the endpoint', async () => {
    let called = false;
    const url = await start({
      putChunk: async () => {
        called = true;
        return { complete: true };
      },
    });
    const body = Buffer.alloc(CHUNK_BYTES + 1);

    for (const headers of [{}, { 'transfer-encoding': 'chunked' }]) {
      const answer = await ask(url, CHUNK_PATH, { method: 'PUT', body, headers });
      expect(answer.status).to.equal(400);
      expect(answer.error()).to.deep.include({ details: { maxBytes: CHUNK_BYTES } });
    }
    expect(called).to.equal(false);
  });

  it('behaviour: who sends a body without the right to sees why', async () => {
    const url = await start({});

    const answer = await ask(url, CHUNK_PATH, {
      method: 'PUT',
      body: Buffer.alloc(CHUNK_BYTES),
      token: null,
    });
    expect(answer.error()).to.include({ code: 'AUTH_REQUIRED' });
  });

  it('behaviour: a body that is cut off reaches no endpoint', async () => {
    let called = false;
    const url = await start({
      putChunk: async () => {
        called = true;
        return { complete: true };
      },
      health: async () => ({ ok: true }),
    });
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    socket.write(
      `PUT ${CHUNK_PATH} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer rios_all\r\ncontent-length: 3\r\n\r\nab`,
    );
    await new Promise((resolve) => socket.once('ready', resolve));
    socket.destroySoon();
    await new Promise((resolve) => socket.once('close', resolve));

    expect((await ask(url, '/healthz')).status).to.equal(200);
    expect(called).to.equal(false);
  });

  it('error NOT_FOUND: an unknown route, another method, another case, a trailing slash', async () => {
    const url = await start({ health: async () => ({ ok: true }) });

    for (const [method, path] of [
      ['GET', '/'],
      ['GET', '/v2/status'],
      ['DELETE', '/v1/status'],
      ['GET', '/V1/STATUS'],
      ['GET', '/healthz/'],
      ['GET', '/v1/../healthz'],
      ['OPTIONS', '/v1/completions'],
    ] as const) {
      const answer = await ask(url, path, { method });
      expect(answer.status, `${method} ${path}`).to.equal(404);
      expect(answer.error(), path).to.include({ code: 'NOT_FOUND' });
      expect(answer.headers['access-control-allow-origin'], path).to.equal(undefined);
    }
  });

  it('error USER_INVALID_REQUEST: a path with a broken encoding', async () => {
    const url = await start({});

    expect((await ask(url, '/v1/models/%E0%A4%A')).error()).to.include({ code: 'USER_INVALID_REQUEST' });
  });

  it('behaviour: each error has its status', async () => {
    const url = await start({
      getModel: async () => {
        throw new RiosError('NOT_FOUND_MODEL', 'there is no model x');
      },
      removeModel: async () => {
        throw new RiosError('CAPACITY_NO_WORKERS', 'none');
      },
    });

    const missing = await ask(url, '/v1/models/x');
    expect(missing.status).to.equal(404);
    expect(missing.error()).to.include({ code: 'NOT_FOUND_MODEL', message: 'there is no model x' });
    expect((await ask(url, '/v1/models/x', { method: 'DELETE' })).status).to.equal(503);
  });

  it('error BUG_UNEXPECTED: what nobody expected tells nothing of the inside', async () => {
    const url = await start({
      listInvites: async () => {
        throw new Error('secret path /root/x');
      },
    });

    const answer = await ask(url, '/v1/invites');
    expect(answer.status).to.equal(500);
    expect(answer.text).to.not.contain('secret');
    expect(answer.error()).to.include({ code: 'BUG_UNEXPECTED' });
  });

  it('behaviour: every answer carries the security headers', async () => {
    const url = await start({ health: async () => ({ ok: true }) });

    for (const path of ['/healthz', '/nowhere']) {
      const { headers } = await ask(url, path);
      expect(headers, path).to.include({
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'DENY',
        'cache-control': 'no-store',
      });
      expect(headers['x-powered-by'], path).to.equal(undefined);
    }
  });

  it('behaviour: a request id of the client is not taken, so nothing can be smuggled into logs or headers', async () => {
    const url = await start({ health: async () => ({ ok: true }) });

    const answer = await ask(url, '/healthz', { headers: { 'x-request-id': 'mine' } });
    expect(answer.headers['x-request-id']).to.match(/^req_/);
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    socket.write(
      'GET /healthz HTTP/1.1\r\nhost: x\r\nx-request-id: a\rset-cookie: b\r\nconnection: close\r\n\r\n',
    );
    expect(await text(socket)).to.match(/^HTTP\/1.1 400 /);
  });

  it('behaviour: no answer tells a browser of another origin anything', async () => {
    const url = await start({ health: async () => ({ ok: true }) });

    const answer = await ask(url, '/healthz', { headers: { origin: 'https://example.com' } });
    expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control'))).to.deep.equal([]);
  });

  it('behaviour: a header that is too large is refused, and the server goes on', async () => {
    const url = await start({ health: async () => ({ ok: true }) });

    const answer = await ask(url, '/healthz', { headers: { 'x-large': 'x'.repeat(20_000) } });
    expect(answer.status).to.equal(431);
    expect((await ask(url, '/healthz')).status).to.equal(200);
  });
});
