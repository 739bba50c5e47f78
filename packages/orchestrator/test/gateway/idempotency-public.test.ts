import { randomUUID } from 'node:crypto';
import type { SessionTokens } from '@rios/sdk/schema/account';
import { expect } from 'chai';
import { createWorld, PASSWORD, type World } from '../services/users/world.ts';
import { ask, type SmallGateway, startGateway } from '../support/small-gateway.ts';

const ADA = 'ada@example.org';

describe('idempotency keys of public routes', () => {
  let world: World;
  let gateway: SmallGateway;
  beforeEach(async () => {
    world = await createWorld();
    gateway = await startGateway(world.users.endpoints, {
      findCaller: world.users.authenticate,
      store: world.store,
      server: { trustedProxies: ['127.0.0.1'] },
    });
  });
  afterEach(async () => {
    await gateway.stop();
    await world.close();
  });
  const post = (path: string, key: string, body: object, address = '203.0.113.1') =>
    ask(gateway.url, path, {
      method: 'POST',
      token: null,
      body: JSON.stringify(body),
      headers: { 'idempotency-key': key, 'x-forwarded-for': address },
    });
  const signUp = { email: ADA, password: PASSWORD, displayName: 'Ada' };

  it('default: signing up, and asking for a reset, twice with one key sends one mail', async () => {
    await world.join('bob@example.org');
    for (const [path, body] of [
      ['/v1/accounts', signUp],
      ['/v1/accounts/reset', { email: 'bob@example.org' }],
    ] as const) {
      world.mails.splice(0);
      const key = randomUUID();
      const first = await post(path, key, body);
      const second = await post(path, key, body);

      expect([first.status, second.status], path).to.deep.equal([200, 200]);
      expect(second.headers['idempotency-replayed'], path).to.equal('true');
      expect(world.mails, path).to.have.length(1);
    }
  });

  it('behaviour: a refresh whose answer was lost gives the same tokens, and the session lives', async () => {
    const { refreshToken } = await world.join(ADA);
    const key = randomUUID();
    const first = await post('/v1/sessions/refresh', key, { refreshToken });
    const second = await post('/v1/sessions/refresh', key, { refreshToken });

    expect(second.json()).to.deep.equal(first.json());
    const { accessToken } = second.json() as SessionTokens;
    expect((await ask(gateway.url, '/v1/whoami', { token: accessToken })).status).to.equal(200);
    expect((await post('/v1/sessions/refresh', randomUUID(), { refreshToken })).status).to.equal(401);
  });

  it('behaviour: the same key from another address, on another route or by an account is another key', async () => {
    const { accessToken } = await world.join(ADA);
    const login = { email: ADA, password: PASSWORD, client: 'test' };
    const key = randomUUID();
    const mine = (await post('/v1/sessions', key, login)).json() as SessionTokens;
    const other = await post('/v1/sessions', key, login, '203.0.113.2');
    const elsewhere = await post('/v1/accounts/reset', key, { email: ADA });
    const known = await ask(gateway.url, '/v1/orgs', {
      method: 'POST',
      token: accessToken,
      body: '{"name":"club"}',
      headers: { 'idempotency-key': key },
    });

    expect((other.json() as SessionTokens).sessionId).to.not.equal(mine.sessionId);
    for (const answer of [other, elsewhere, known]) {
      expect(answer.status).to.equal(200);
      expect(answer.headers['idempotency-replayed']).to.equal(undefined);
    }
  });

  it('error CONFLICT_IDEMPOTENCY: another body under the key; a right password does not show by it', async () => {
    await world.join(ADA);
    const key = randomUUID();
    const login = (password: string) => post('/v1/sessions', key, { email: ADA, password, client: 'test' });
    await login(PASSWORD);

    const [wrong, alsoWrong] = [await login('wrong'), await login('also wrong')];
    expect(wrong.error()).to.include({ code: 'CONFLICT_IDEMPOTENCY' });
    expect(alsoWrong.error().message).to.equal(wrong.error().message);
  });

  it('behaviour: a refused call frees its key, and each try is counted', async () => {
    await world.join(ADA);
    const key = randomUUID();
    const wrong = { email: ADA, password: 'not it', client: 'test' };
    const statuses = [];
    for (let made = 0; made < 6; made++) statuses.push((await post('/v1/sessions', key, wrong)).status);

    expect(statuses).to.deep.equal([401, 401, 401, 401, 401, 429]);
  });

  it('behaviour: what is kept holds no secret, and nothing that a guessed password could be tried on', async () => {
    await world.join(ADA);
    const login = { email: ADA, password: PASSWORD, client: 'test' };
    const tokens = (await post('/v1/sessions', randomUUID(), login)).json() as SessionTokens;
    await post('/v1/sessions', randomUUID(), login);

    const rows = await gateway.store.selectFrom('idempotency_keys').selectAll().execute();
    const text =
      JSON.stringify(rows) + rows.map((row) => Buffer.from(row.answer ?? []).toString('latin1')).join();
    for (const secret of [PASSWORD, ADA, tokens.accessToken, tokens.refreshToken]) {
      expect(text).to.not.contain(secret);
    }
    expect(rows).to.have.length(2);
    expect(rows[0]?.fingerprint, 'the same body under another key').to.not.equal(rows[1]?.fingerprint);
  });
});
