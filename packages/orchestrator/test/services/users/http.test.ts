import type { SessionTokens } from '@rios/sdk/schema/account';
import { expect } from 'chai';
import { ask, type SmallGateway, startGateway } from '../../support/small-gateway.ts';
import { createWorld, PASSWORD, type World } from './world.ts';

const ADA = 'ada@example.org';

describe('users over HTTP', () => {
  let world: World;
  let gateway: SmallGateway;
  beforeEach(async () => {
    world = await createWorld();
    gateway = await startGateway(world.users.endpoints, { findCaller: world.users.authenticate });
  });
  afterEach(async () => {
    await gateway.stop();
    await world.close();
  });
  const send = (method: string, path: string, token: string | null, body?: object) =>
    ask(gateway.url, path, {
      method,
      token,
      ...(body === undefined
        ? {}
        : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });

  it('default: sign up, verify, log in, make a scoped token, use it, revoke it', async () => {
    await send('POST', '/v1/accounts', null, { email: ADA, password: PASSWORD, displayName: 'Ada' });
    await send('POST', '/v1/accounts/verify', null, { token: await world.mailedTo(ADA) });
    const login = await send('POST', '/v1/sessions', null, { email: ADA, password: PASSWORD });
    const { accessToken } = login.json() as SessionTokens;
    const made = await send('POST', '/v1/tokens', accessToken, { name: 'ci', scopes: ['status'] });
    const { token, view } = made.json() as { token: string; view: { id: string } };

    expect(login.headers['cache-control']).to.equal('no-store');
    expect((await send('GET', '/v1/whoami', token)).json()).to.deep.include({
      email: ADA,
      scopes: ['status'],
    });
    expect((await send('GET', '/v1/tokens', token)).status).to.equal(403);
    expect((await send('GET', '/v1/audit', accessToken)).status).to.equal(403);
    await send('DELETE', `/v1/tokens/${view.id}`, accessToken);
    expect((await send('GET', '/v1/whoami', token)).status).to.equal(401);
    await send('DELETE', '/v1/sessions/current', accessToken);
    expect((await send('GET', '/v1/whoami', accessToken)).status).to.equal(401);
  });

  it('behaviour: known and unknown addresses get the same bytes', async () => {
    await world.join(ADA);
    const answers = await Promise.all(
      [ADA, 'nobody@example.org'].flatMap((email) => [
        send('POST', '/v1/accounts', null, { email, password: PASSWORD, displayName: 'A' }),
        send('POST', '/v1/accounts/reset', null, { email }),
        send('POST', '/v1/sessions', null, { email, password: 'not the right password' }),
      ]),
    );
    const seen = answers.map(({ status, text }) => [status, text.replaceAll(/req_[0-9a-z]+/g, 'req')]);

    expect(seen.slice(3)).to.deep.equal(seen.slice(0, 3));
    expect(seen.map(([status]) => status)).to.deep.equal([200, 200, 401, 200, 200, 401]);
  });

  it('error AUTH_TOO_MANY_ATTEMPTS: says by Retry-After when to come back', async () => {
    const guess = () => send('POST', '/v1/sessions', null, { email: ADA, password: 'wrong' });
    for (let made = 0; made < 5; made++) await guess();
    const locked = await guess();

    expect(locked.status).to.equal(429);
    expect(locked.headers['retry-after']).to.equal('30');
  });

  it('error AUTH_REQUIRED: a tampered access token', async () => {
    const { accessToken } = await world.join(ADA);
    const [header, , signature] = accessToken.split('.');
    const claims = Buffer.from(JSON.stringify({ sub: 'acc_0000000000' })).toString('base64url');

    const answer = await send('GET', '/v1/whoami', `${header}.${claims}.${signature}`);
    expect(answer.status).to.equal(401);
    expect(answer.error()).to.include({ code: 'AUTH_REQUIRED' });
  });

  it('error USER_INVALID_REQUEST: a secret in a wrong place is not echoed', async () => {
    const answer = await send('POST', '/v1/sessions', null, { email: 'no address', password: PASSWORD });

    expect(answer.status).to.equal(400);
    expect(answer.text).to.not.contain(PASSWORD);
  });
});
