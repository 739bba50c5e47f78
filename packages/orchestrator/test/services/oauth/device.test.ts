import type { SessionTokens } from '@rios/sdk/schema/account';
import { expect } from 'chai';
import { getPayload, payloadKey } from '../../../src/store/oauth-payloads.ts';
import { openPayload, savePayload } from '../../../src/store/oauth-vault.ts';
import { ask, type SmallGateway } from '../../support/small-gateway.ts';
import {
  ADA,
  beginDevice,
  call,
  createOauthWorld,
  errorOf,
  type OauthWorld,
  poll,
  post,
  tokensOf,
} from './oauth-world.ts';

describe('OAuth: device flow', () => {
  let world: OauthWorld;
  let ada: SessionTokens;
  beforeEach(async () => {
    world = await createOauthWorld();
    ada = await world.join(ADA);
  });
  afterEach(() => world.close());
  const approve = (userCode: string, token = ada.accessToken, gateway = world.one) =>
    call(gateway, 'POST', '/v1/oauth/device/approve', token, { userCode });
  /** Puts the end of a code into the past, as the library and we see it. */
  const expire = async (model: string, id: string) => {
    const row = await getPayload(world.store, payloadKey(model, id));
    if (row === undefined) throw new Error('there is no such row');
    const payload = { ...(await openPayload(row, world.secrets)), exp: Math.floor(Date.now() / 1000) - 60 };
    await savePayload(world.store, world.secrets, { model, id, payload, expiresAt: world.clock.now() });
  };
  const refresh = (token: string, gateway: SmallGateway) =>
    post(gateway, '/oauth/token', { grant_type: 'refresh_token', client_id: 'rios', refresh_token: token });
  const whoami = (token: string, gateway = world.one) => ask(gateway.url, '/v1/whoami', { token });

  it('default: begun at one orchestrator, approved at another, ended at the first', async () => {
    const device = await beginDevice(world.one);
    expect(errorOf(await poll(world.one, device.device_code))).to.equal('authorization_pending');
    expect((await approve(device.user_code, ada.accessToken, world.other)).status).to.equal(200);
    world.clock.advance(2000);
    const tokens = tokensOf(await poll(world.one, device.device_code));

    expect(device.verification_uri).to.equal(`${world.one.url}/oauth/device`);
    expect((await whoami(tokens.access_token, world.other)).json()).to.deep.include({
      email: ADA,
      tokenKind: 'session',
      scopes: ['inference', 'models', 'status', 'account'],
    });
    expect(tokens.scope).to.equal('inference models status account');
  });

  it('behaviour: it is a session: listed, refreshed at another orchestrator, ended by logout', async () => {
    const device = await beginDevice(world.one, { device_name: 'rios of ada on box' });
    await approve(device.user_code);
    const first = tokensOf(await poll(world.other, device.device_code));
    const listed = await call(world.one, 'GET', '/v1/sessions', ada.accessToken);
    const second = tokensOf(await refresh(first.refresh_token ?? '', world.one));
    await call(world.other, 'DELETE', '/v1/sessions/current', second.access_token);

    expect(listed.text).to.contain('RiOS command line: rios of ada on box').and.to.contain(first.session_id);
    expect(second.session_id).to.equal(first.session_id);
    expect((await whoami(second.access_token)).status).to.equal(401);
    expect(errorOf(await refresh(second.refresh_token ?? '', world.one))).to.equal('invalid_grant');
  });

  it('behaviour: the code is read as people type it, shown before it is approved', async () => {
    const device = await beginDevice(world.one);
    const typed = device.user_code.toLowerCase().replace('-', ' ');
    const shown = await call(world.other, 'POST', '/v1/oauth/device/show', ada.accessToken, {
      userCode: typed,
    });

    expect(device.user_code).to.match(/^[B-DF-HJ-NP-TV-XZ]{4}-[B-DF-HJ-NP-TV-XZ]{4}$/);
    expect(shown.json()).to.deep.include({
      clientName: 'RiOS command line',
      scopes: ['inference', 'models', 'status', 'account'],
      address: '127.0.0.1',
    });
    expect((await approve(typed)).status).to.equal(200);
  });

  it('behaviour: asked too often, the device is told to slow down, and loses nothing', async () => {
    const device = await beginDevice(world.one);
    const errors = [];
    for (const gateway of [world.one, world.other, world.one]) {
      errors.push(errorOf(await poll(gateway, device.device_code)));
    }
    await approve(device.user_code);
    world.clock.advance(device.interval * 1000);

    expect(errors).to.deep.equal(['authorization_pending', 'slow_down', 'slow_down']);
    expect((await poll(world.one, device.device_code)).status).to.equal(200);
  });

  it('error: a device code that is wrong, used, or of an expired flow', async () => {
    const used = await beginDevice(world.one);
    await approve(used.user_code);
    await poll(world.one, used.device_code);
    world.clock.advance(2000);
    const late = await beginDevice(world.one);
    await expire('DeviceCode', late.device_code);

    expect(errorOf(await poll(world.one, 'A'.repeat(43)))).to.equal('invalid_grant');
    expect(errorOf(await poll(world.one, used.device_code))).to.equal('invalid_grant');
    expect(errorOf(await poll(world.one, late.device_code))).to.equal('expired_token');
    expect((await approve(late.user_code)).status).to.equal(404);
  });

  it('error NOT_FOUND: an unknown, a used and an expired user code are answered alike', async () => {
    const used = await beginDevice(world.one);
    await approve(used.user_code);
    const late = await beginDevice(world.one);
    await expire('DeviceCode', late.device_code);
    const answers = [];
    for (const code of ['BBBB-BBBB', used.user_code, late.user_code]) answers.push(await approve(code));

    const seen = answers.map(({ status, text }) => [status, text.replaceAll(/req_[0-9a-z]+/g, 'req')]);
    expect(seen[0]?.[0]).to.equal(404);
    expect(seen[1]).to.deep.equal(seen[0]);
    expect(seen[2]).to.deep.equal(seen[0]);
  });

  it('error AUTH_TOO_MANY_ATTEMPTS: guessed user codes; a right one in between does not help', async () => {
    const statuses = [];
    for (let guess = 0; guess < 7; guess++) {
      if (guess === 3) expect((await approve((await beginDevice(world.one)).user_code)).status).to.equal(200);
      statuses.push((await approve(`BBBB-BBB${'BCDFGHJ'[guess]}`)).status);
    }

    expect(statuses).to.deep.equal([404, 404, 404, 404, 404, 429, 429]);
  });

  it('error AUTH_FORBIDDEN: an API token approves nothing', async () => {
    const { user_code: userCode } = await beginDevice(world.one);
    const made = await call(world.one, 'POST', '/v1/tokens', ada.accessToken, {
      name: 'ci',
      scopes: ['account'],
    });
    const { token } = made.json() as { token: string };

    expect((await approve(userCode, token)).status).to.equal(403);
    expect((await approve(userCode)).status).to.equal(200);
  });

  it('error: an unknown program, a hostile name, a body of another kind or size', async () => {
    const begin = (fields: Record<string, string>, headers = {}) =>
      post(world.one, '/oauth/device_authorization', fields, headers);
    const named = await beginDevice(world.one, { device_name: '\u202e<script>alert(1)</script>' });
    const shown = await call(world.one, 'POST', '/v1/oauth/device/show', ada.accessToken, {
      userCode: named.user_code,
    });

    expect(errorOf(await begin({ client_id: 'nobody' }))).to.equal('invalid_client');
    expect(errorOf(await begin({ client_id: 'rios' }, { 'content-type': 'application/json' }))).to.equal(
      'invalid_request',
    );
    expect((await begin({ client_id: 'rios', x: 'a'.repeat(20_000) })).error()).to.include({
      code: 'USER_INVALID_REQUEST',
    });
    expect((shown.json() as { clientName: string }).clientName).to.equal('RiOS command line');
  });

  it('behaviour: codes and tokens stand nowhere in the store as they are', async () => {
    const device = await beginDevice(world.one);
    await approve(device.user_code);
    const { refresh_token: refreshToken = '' } = tokensOf(await poll(world.one, device.device_code));
    const rows = JSON.stringify(await world.store.selectFrom('oauth_payloads').selectAll().execute());

    expect(rows).to.contain('RefreshToken').and.to.contain('DeviceCode');
    for (const secret of [device.device_code, device.user_code.replace('-', ''), refreshToken]) {
      expect(rows).to.not.contain(secret);
    }
  });

  it('behaviour: what has expired is dropped', async () => {
    await beginDevice(world.one);
    world.clock.advance(21 * 60_000);
    await beginDevice(world.one);

    const rows = await world.store.selectFrom('oauth_payloads').select('model').execute();
    expect(rows).to.deep.equal([{ model: 'DeviceCode' }]);
  });
});
