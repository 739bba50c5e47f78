import { expect } from 'chai';
import { createManualClock } from '../support/manual-clock.ts';
import { ask, type SmallGateway, STATUS_TOKEN, startGateway } from '../support/small-gateway.ts';

const health = { listWorkers: async () => ({ workers: [] }) };
const PATH = '/v1/workers';

describe('rate limits', () => {
  let gateway: SmallGateway;
  const clock = createManualClock();
  const start = async (burst: number, perSecond: number) => {
    gateway = await startGateway(health, { rate: { burst, perSecond }, clock });
    return gateway.url;
  };
  afterEach(() => gateway.stop());

  it('default: headers tell what is left', async () => {
    const url = await start(3, 1);

    const first = await ask(url, PATH);
    expect(first.headers).to.include({ 'x-ratelimit-limit': '3', 'x-ratelimit-remaining': '2' });
    expect(Number(first.headers['x-ratelimit-reset'])).to.equal(Math.ceil(clock.now() / 1000 + 1));
    expect(first.headers['retry-after']).to.equal(undefined);
  });

  it('error QUOTA_RATE: with Retry-After from the bucket; after that time it goes on', async () => {
    const url = await start(2, 1);
    await ask(url, PATH);
    await ask(url, PATH);

    clock.advance(250);
    const refused = await ask(url, PATH);
    expect(refused.status).to.equal(429);
    expect(refused.error()).to.deep.include({ code: 'QUOTA_RATE', details: { retryAfterMs: 750 } });
    expect(refused.headers).to.include({ 'retry-after': '1', 'x-ratelimit-remaining': '0' });
    clock.advance(750);
    expect((await ask(url, PATH)).status).to.equal(200);
  });

  it('behaviour: of 300 at once, the burst gets through, and what is refilled', async () => {
    const url = await start(100, 10);
    const burst = async () => {
      const answers = await Promise.all(Array.from({ length: 300 }, () => ask(url, PATH)));
      return answers.filter(({ status }) => status === 200).length;
    };

    expect(await burst()).to.equal(100);
    clock.advance(2_550);
    expect(await burst()).to.equal(25);
  });

  it('behaviour: strangers and wrong tokens count on their address, and take nothing from who is known', async () => {
    const url = await start(2, 1);

    expect((await ask(url, PATH, { token: 'wrong' })).status).to.equal(401);
    expect((await ask(url, PATH, { token: null })).status).to.equal(401);
    expect((await ask(url, PATH, { token: 'wrong' })).status).to.equal(429);
    expect((await ask(url, '/v1/openapi.json', { token: null })).status).to.equal(429);
    expect((await ask(url, PATH)).status).to.equal(200);
  });

  it('behaviour: health is not counted, chunks have ten times the room, a refused scope counts', async () => {
    const url = await start(1, 1);
    const chunk = `/v1/blobs/${'a'.repeat(64)}/chunks/0?sizeBytes=3`;

    for (let index = 0; index < 5; index++) expect((await ask(url, '/healthz')).status).to.equal(404);
    for (let index = 0; index < 10; index++) {
      expect((await ask(url, chunk, { method: 'PUT', body: 'abc' })).status).to.equal(404);
    }
    expect((await ask(url, chunk, { method: 'PUT', body: 'abc' })).status).to.equal(429);
    expect((await ask(url, '/v1/invites', { token: STATUS_TOKEN })).status).to.equal(403);
    expect((await ask(url, PATH)).status).to.equal(429);
  });
});
