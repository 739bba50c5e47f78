import { randomUUID } from 'node:crypto';
import type { InviteView } from '@rios/sdk/schema/api';
import { batchAnswerSchema } from '@rios/sdk/schema/batch';
import { expect } from 'chai';
import type { ServiceEndpoints } from '../../src/gateway/endpoint.ts';
import { ask, type SmallGateway, STATUS_TOKEN, startGateway, TOKEN } from '../support/small-gateway.ts';

const view: InviteView = {
  id: 'inv_0000000001',
  state: 'open',
  createdAt: 1,
  expiresAt: 2,
  maxUses: 3,
  usedBy: [],
};

describe('POST /v1/batch', () => {
  let gateway: SmallGateway;
  const start = async (endpoints: Partial<ServiceEndpoints>, rate = { burst: 1000, perSecond: 1 }) => {
    gateway = await startGateway(endpoints, { rate });
  };
  const send = (calls: unknown, token: string | null = TOKEN) =>
    ask(gateway.url, '/v1/batch', { method: 'POST', body: JSON.stringify({ calls }), token });
  const answersOf = async (calls: unknown, token = TOKEN) =>
    batchAnswerSchema.parse((await send(calls, token)).json()).answers;
  afterEach(() => gateway.stop());

  it('default: each call is answered in its order, with parameters, query and body', async () => {
    const seen: unknown[] = [];
    await start({
      listWorkers: async () => ({ workers: [] }),
      createInvite: async ({ body }) => {
        seen.push(body);
        return { invite: 'text', view };
      },
      removeModel: async ({ params, requestId }) => {
        seen.push(params, requestId);
        return { ok: true };
      },
    });

    const answers = await answersOf([
      { method: 'GET', path: '/v1/workers' },
      { method: 'POST', path: '/v1/invites', body: { maxUses: 3 } },
      { method: 'DELETE', path: '/v1/models/a%2Db' },
    ]);
    expect(answers.map(({ status }) => status)).to.deep.equal([200, 200, 200]);
    expect(answers[0]?.body).to.deep.equal({ workers: [] });
    expect(seen).to.deep.equal([{ ttlMs: 86_400_000, maxUses: 3 }, { name: 'a-b' }, answers[2]?.requestId]);
  });

  it('behaviour: each is authorised and fails by itself', async () => {
    await start({ listWorkers: async () => ({ workers: [] }) });

    const answers = await answersOf(
      [
        { method: 'GET', path: '/v1/invites' },
        { method: 'GET', path: '/v1/workers' },
        { method: 'GET', path: '/v1/workers?x=1' },
        { method: 'GET', path: '/v1/models/%E0%A4%A' },
      ],
      STATUS_TOKEN,
    );
    expect(answers.map(({ status }) => status)).to.deep.equal([403, 200, 400, 400]);
    expect(answers[0]?.body).to.have.nested.property('error.code', 'AUTH_FORBIDDEN');
    expect(answers[0]?.body).to.have.nested.property('error.requestId', answers[0]?.requestId);
  });

  it('behaviour: each is counted', async () => {
    await start({ listWorkers: async () => ({ workers: [] }) }, { burst: 2, perSecond: 1 });

    const answers = await answersOf(
      Array.from({ length: 4 }, () => ({ method: 'GET', path: '/v1/workers' })),
    );
    expect(answers.map(({ status }) => status)).to.deep.equal([200, 200, 429, 429]);
  });

  it('behaviour: idempotency keys hold inside and across batches', async () => {
    let made = 0;
    await start({ createInvite: async () => ({ invite: `text-${++made}`, view }) });
    const call = { method: 'POST', path: '/v1/invites', body: {}, idempotencyKey: randomUUID() };

    const [first, second] = await answersOf([call, call]);
    expect(second?.body).to.deep.equal(first?.body);
    await answersOf([call]);
    expect(made).to.equal(1);
  });

  it('behaviour: what one JSON value cannot answer is refused: bytes, streams, a batch', async () => {
    await start({
      createCompletion: async () => ({ kind: 'stream', run: async () => expect.fail('must not run') }),
    });

    const answers = await answersOf([
      { method: 'GET', path: `/v1/blobs/${'a'.repeat(64)}` },
      { method: 'GET', path: '/v1/events' },
      { method: 'POST', path: '/v1/batch', body: { calls: [] } },
      { method: 'POST', path: '/v1/completions', body: { model: 'm', prompt: 'p', stream: true } },
      { method: 'PUT', path: '/v1/models/m', body: {} },
      { method: 'GET', path: '/v1/../healthz' },
    ]);
    expect(answers.map(({ status }) => status)).to.deep.equal([404, 404, 404, 400, 404, 404]);
  });

  for (const [what, calls] of [
    ['none', []],
    ['too many', Array.from({ length: 33 }, () => ({ method: 'GET', path: '/v1/workers' }))],
    ['one to another place', [{ method: 'GET', path: 'http://example.com/' }]],
    ['one with a line break', [{ method: 'GET', path: '/v1/a\r\nx: y' }]],
  ] as const) {
    it(`error USER_INVALID_REQUEST: ${what}`, async () => {
      await start({});

      expect((await send(calls)).error()).to.include({ code: 'USER_INVALID_REQUEST' });
    });
  }

  it('error AUTH_REQUIRED: without a token', async () => {
    await start({});

    expect((await send([{ method: 'GET', path: '/v1/workers' }], null)).error()).to.include({
      code: 'AUTH_REQUIRED',
    });
  });
});
