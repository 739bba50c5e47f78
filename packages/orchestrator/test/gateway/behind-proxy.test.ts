import { once } from 'node:events';
import { expect } from 'chai';
import WebSocket from 'ws';
import { createWorld, type World } from '../services/users/world.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { ask, type SmallGateway, startGateway } from '../support/small-gateway.ts';

const PATH = '/v1/openapi.json';

describe('behind a proxy', () => {
  let gateway: SmallGateway;
  afterEach(() => gateway.stop());
  const start = async (trustedProxies: readonly string[]) => {
    const rate = { burst: 2, perSecond: 1 };
    gateway = await startGateway({}, { rate, clock: createManualClock(), server: { trustedProxies } });
  };
  const from = async (forwarded: string) =>
    (await ask(gateway.url, PATH, { token: null, headers: { 'x-forwarded-for': forwarded } })).status;

  it('default: a proxy that is trusted: each client has its own limit', async () => {
    await start(['127.0.0.1']);

    for (const client of ['203.0.113.1', '203.0.113.2']) {
      expect([await from(client), await from(client), await from(client)]).to.deep.equal([200, 200, 429]);
    }
  });

  it('behaviour: a client that writes the header itself gains nothing', async () => {
    await start(['127.0.0.1']);
    const spoof = (index: number) => from(`198.51.100.${index}, 203.0.113.1`);

    expect([await spoof(1), await spoof(2), await spoof(3)]).to.deep.equal([200, 200, 429]);
  });

  it('behaviour: nor does one without a trusted proxy before it', async () => {
    await start(['10.0.0.0/8']);

    expect([await from('203.0.113.1'), await from('203.0.113.2'), await from('203.0.113.3')]).to.deep.equal([
      200, 200, 429,
    ]);
  });

  it('behaviour: a header of many lines counts from its last, and one that is too long is refused', async () => {
    await start(['127.0.0.1']);
    const long = await ask(gateway.url, PATH, { headers: { 'x-forwarded-for': '1.1.1.1,'.repeat(4000) } });

    expect(long.status).to.equal(431);
    expect([await from('1.1.1.1\t,\t203.0.113.1'), await from('junk,203.0.113.1')]).to.deep.equal([200, 200]);
    expect(await from('203.0.113.1')).to.equal(429);
  });

  it('behaviour: WebSockets are counted by it too', async () => {
    await start(['127.0.0.1']);
    const open = async () => {
      const url = `${gateway.url.replace('http', 'ws')}/v1/events`;
      const socket = new WebSocket(url, { headers: { 'x-forwarded-for': '203.0.113.1' } });
      const [, response] = await once(socket, 'unexpected-response');
      return response.statusCode;
    };

    expect([await open(), await open(), await open()]).to.deep.equal([401, 401, 429]);
    expect(await from('203.0.113.2')).to.equal(200);
  });

  it('option: publicUrl is where the OpenAPI document says that the API is', async () => {
    gateway = await startGateway({}, { server: { publicUrl: 'https://rios.example.org' } });

    expect((await ask(gateway.url, PATH)).json()).to.deep.include({
      servers: [{ url: 'https://rios.example.org' }],
    });
  });

  describe('accounts', () => {
    let world: World;
    beforeEach(async () => {
      world = await createWorld();
      gateway = await startGateway(world.users.endpoints, {
        findCaller: world.users.authenticate,
        server: { trustedProxies: ['127.0.0.1'] },
      });
    });
    afterEach(() => world.close());
    const login = async (forwarded: string, email: string) => {
      const body = JSON.stringify({ email, password: 'not the right password', client: 'test' });
      const headers = { 'x-forwarded-for': forwarded };
      return (await ask(gateway.url, '/v1/sessions', { method: 'POST', token: null, headers, body })).status;
    };

    it('behaviour: lockout and audit log know the client, of IPv6 its network', async () => {
      for (let made = 0; made < 30; made++) {
        expect(await login(`2001:db8::${made + 1}`, `nobody${made}@example.org`)).to.equal(401);
      }

      expect(await login('2001:db8::ffff', 'nobody@example.org')).to.equal(429);
      expect(await login('2001:db8:0:1::1', 'nobody@example.org')).to.equal(401);
      const { entries } = (await world.users.endpoints.listAudit({
        query: { before: 1e9, limit: 1 },
      } as never)) as {
        entries: { details: object }[];
      };
      expect(entries[0]?.details).to.deep.equal({ address: '2001:db8:0:1::1' });
    });
  });
});
