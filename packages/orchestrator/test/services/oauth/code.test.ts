import type { SessionTokens } from '@rios/sdk/schema/account';
import { expect } from 'chai';
import { type Answer, ask, type SmallGateway } from '../../support/small-gateway.ts';
import {
  ADA,
  type Browser,
  call,
  createBrowser,
  createOauthWorld,
  createPkce,
  errorOf,
  hiddenOf,
  locationOf,
  type OauthWorld,
  PASSWORD,
  post,
  REDIRECT,
  register,
  tokensOf,
} from './oauth-world.ts';

describe('OAuth: authorisation code with PKCE', () => {
  let world: OauthWorld;
  let ada: SessionTokens;
  let clientId: string;
  let browser: Browser;
  const pkce = createPkce();
  beforeEach(async () => {
    world = await createOauthWorld();
    ada = await world.join(ADA);
    const registered = await register(world.one, ada, { name: 'App', redirectUris: [REDIRECT] });
    clientId = registered.view.id;
    browser = createBrowser();
  });
  afterEach(() => world.close());
  const whoami = (token: string, gateway = world.one) => ask(gateway.url, '/v1/whoami', { token });

  const authorize = (over: Record<string, string> = {}, gateway = world.one) => {
    const query = {
      client_id: clientId,
      response_type: 'code',
      redirect_uri: REDIRECT,
      scope: 'inference status',
      state: 'xyz',
      code_challenge: pkce.challenge,
      code_challenge_method: 'S256',
      ...over,
    };
    const given = Object.entries(query).filter(([, value]) => value !== '');
    return browser.get(gateway, `/oauth/authorize?${new URLSearchParams(given)}`);
  };
  /** From the program's link to the page that asks for consent. */
  const logIn = async (gateway: SmallGateway, over: Record<string, string> = {}) => {
    const path = locationOf(await authorize(over, gateway)).pathname;
    const page = await browser.get(gateway, path);
    const asked = await browser.post(gateway, path, { ...hiddenOf(page), email: ADA, password: PASSWORD });
    return { path, asked };
  };
  const decide = (gateway: SmallGateway, path: string, asked: Answer, decision = 'allow') =>
    browser.post(gateway, path, { ...hiddenOf(asked), decision });
  /** Follows our own redirects until one leads to the program. */
  const back = async (gateway: SmallGateway, answer: Answer) => {
    const to = locationOf(answer);
    return locationOf(await browser.get(gateway, to.pathname + to.search));
  };
  const codeFor = async (over: Record<string, string> = {}, gateway = world.one) => {
    const { path, asked } = await logIn(gateway, over);
    const url = await back(gateway, await decide(gateway, path, asked));
    return url.searchParams.get('code') ?? '';
  };
  const trade = (code: string, over: Record<string, string> = {}, gateway = world.one) =>
    post(gateway, '/oauth/token', {
      grant_type: 'authorization_code',
      client_id: clientId,
      code,
      redirect_uri: REDIRECT,
      code_verifier: pkce.verifier,
      ...over,
    });
  const refresh = (token: string, gateway = world.one) =>
    post(gateway, '/oauth/token', { grant_type: 'refresh_token', client_id: clientId, refresh_token: token });

  it('default: login, consent, code, tokens that are accepted within their scopes', async () => {
    const { path, asked } = await logIn(world.one);
    const url = await back(world.one, await decide(world.one, path, asked));
    const tokens = tokensOf(await trade(url.searchParams.get('code') ?? ''));

    expect(asked.text).to.contain('App').and.to.contain(ADA).and.to.contain('https://app.example.org');
    expect(url.origin + url.pathname).to.equal(REDIRECT);
    expect(url.searchParams.get('state')).to.equal('xyz');
    expect(url.searchParams.get('iss')).to.equal(world.one.url);
    expect((await whoami(tokens.access_token)).json()).to.deep.include({
      email: ADA,
      tokenKind: 'oauth',
      scopes: ['inference', 'status'],
    });
    const tokensRoute = await ask(world.one.url, '/v1/tokens', { token: tokens.access_token });
    expect(tokensRoute.status).to.equal(403);
    expect(locationOf(await browser.get(world.one, path)).pathname, 'the page works once').to.equal(
      '/undefined',
    );
  });

  it('behaviour: begun at one orchestrator, consented at another, traded at the first', async () => {
    const path = locationOf(await authorize({}, world.one)).pathname;
    const page = await browser.get(world.other, path);
    const asked = await browser.post(world.other, path, {
      ...hiddenOf(page),
      email: ADA,
      password: PASSWORD,
    });
    const url = await back(world.one, await decide(world.one, path, asked));

    expect((await trade(url.searchParams.get('code') ?? '', {}, world.other)).status).to.equal(200);
  });

  it('behaviour: refused, the program hears access_denied and gets no session', async () => {
    const { path, asked } = await logIn(world.one);
    const url = await back(world.one, await decide(world.one, path, asked, 'refuse'));

    expect(url.origin + url.pathname).to.equal(REDIRECT);
    expect(url.searchParams.get('error')).to.equal('access_denied');
    expect((await ask(world.one.url, '/v1/sessions', { token: ada.accessToken })).text).to.not.contain('App');
  });

  it('behaviour: scopes beyond the role or the registration are not given', async () => {
    const tooMany = await authorize({ scope: 'inference network' });
    expect(locationOf(tooMany).searchParams.get('error')).to.equal('invalid_scope');

    await world.store.updateTable('users').set({ role: 'viewer' }).where('email', '=', ADA).execute();
    const tokens = tokensOf(await trade(await codeFor()));
    expect((await whoami(tokens.access_token)).json()).to.deep.include({ scopes: ['status'] });
    expect(tokens.scope).to.equal('status');
  });

  it('error: a foreign redirect address, or one that only resembles; the browser stays here', async () => {
    const foreign = [
      'https://evil.example/back',
      `${REDIRECT}/`,
      `${REDIRECT}?a=b`,
      'https://APP.example.org/back/..//x',
    ];
    for (const uri of foreign) {
      const answer = await authorize({ redirect_uri: uri });
      expect(answer.status, uri).to.equal(400);
      expect(answer.headers.location, uri).to.equal(undefined);
    }
    expect((await authorize({ client_id: 'nobody' })).headers.location).to.equal(undefined);
  });

  it('error: the port of a loopback address counts too', async () => {
    const redirectUris = ['http://127.0.0.1:4000/back'];
    const { view } = await register(world.one, ada, { redirectUris });
    const over = (port: number) => ({ client_id: view.id, redirect_uri: `http://127.0.0.1:${port}/back` });

    expect((await authorize(over(4000))).status).to.equal(303);
    expect((await authorize(over(4001))).status).to.equal(400);
  });

  it('error: no PKCE, plain PKCE, or a wrong verifier', async () => {
    const without = await authorize({ code_challenge: '', code_challenge_method: '' });
    const plain = await authorize({ code_challenge: pkce.verifier, code_challenge_method: 'plain' });
    const unsaid = await authorize({ code_challenge_method: '' });

    for (const answer of [without, plain, unsaid]) {
      expect(locationOf(answer).searchParams.get('error')).to.equal('invalid_request');
    }
    const code = await codeFor();
    expect(errorOf(await trade(code, { code_verifier: createPkce().verifier }))).to.equal('invalid_grant');
    expect(errorOf(await trade(await codeFor(), { code_verifier: '' }))).to.equal('invalid_grant');
  });

  it('error: a code of another program, for another address', async () => {
    const other = await register(world.one, ada, { redirectUris: ['https://other.example/back'] });

    expect(errorOf(await trade(await codeFor(), { client_id: other.view.id }))).to.equal('invalid_grant');
    expect(errorOf(await trade(await codeFor(), { redirect_uri: 'https://other.example/back' }))).to.equal(
      'invalid_grant',
    );
  });

  it('error: a code used twice ends the session that it began', async () => {
    const code = await codeFor();
    const tokens = tokensOf(await trade(code));

    expect(errorOf(await trade(code, {}, world.other))).to.equal('invalid_grant');
    expect((await whoami(tokens.access_token)).status).to.equal(401);
    expect(errorOf(await refresh(tokens.refresh_token ?? ''))).to.equal('invalid_grant');
  });

  it('behaviour: a code used by many at once gives tokens once at most', async () => {
    const code = await codeFor();
    const gateways = [world.one, world.other, world.one, world.other, world.one];
    const answers = await Promise.all(gateways.map((gateway) => trade(code, {}, gateway)));

    expect(answers.filter(({ status }) => status === 200).length).to.be.at.most(1);
  });

  it('error: a refresh token used twice ends the session', async () => {
    const first = tokensOf(await trade(await codeFor()));
    const second = tokensOf(await refresh(first.refresh_token ?? '', world.other));

    expect(second.refresh_token).to.not.equal(first.refresh_token);
    expect((await whoami(second.access_token)).status).to.equal(200);
    expect(errorOf(await refresh(first.refresh_token ?? ''))).to.equal('invalid_grant');
    expect(errorOf(await refresh(second.refresh_token ?? '', world.other))).to.equal('invalid_grant');
    expect((await whoami(second.access_token)).status).to.equal(401);
    expect((await whoami(ada.accessToken)).status, 'other sessions stay').to.equal(200);
  });

  it('behaviour: a refresh token used by many at once gives tokens once at most', async () => {
    const { refresh_token: token = '' } = tokensOf(await trade(await codeFor()));
    const gateways = [world.one, world.other, world.one, world.other, world.one];
    const answers = await Promise.all(gateways.map((gateway) => refresh(token, gateway)));

    expect(answers.filter(({ status }) => status === 200).length).to.be.at.most(1);
  });

  it('behaviour: a session ended by the person, a changed password and a revoked program end the tokens', async () => {
    const ended = tokensOf(await trade(await codeFor()));
    await call(world.one, 'DELETE', `/v1/sessions/${ended.session_id}`, ada.accessToken);
    expect((await whoami(ended.access_token, world.other)).status).to.equal(401);
    expect(errorOf(await refresh(ended.refresh_token ?? ''))).to.equal('invalid_grant');

    const changed = tokensOf(await trade(await codeFor()));
    const body = { password: PASSWORD, newPassword: PASSWORD };
    await call(world.one, 'POST', '/v1/account/password', ada.accessToken, body);
    expect((await whoami(changed.access_token)).status).to.equal(401);

    const revoked = tokensOf(await trade(await codeFor()));
    await call(world.one, 'DELETE', `/v1/oauth/clients/${clientId}`, ada.accessToken);
    expect((await whoami(revoked.access_token, world.other)).status).to.equal(401);
    expect(errorOf(await refresh(revoked.refresh_token ?? '', world.other))).to.equal('invalid_client');
  });

  it('behaviour: revocation ends the session, by either token; introspection says so, to its own program only', async () => {
    const other = await register(world.one, ada, { redirectUris: ['https://other.example/back'] });
    const introspect = async (token: string, id = clientId) =>
      (await post(world.other, '/oauth/introspect', { client_id: id, token })).json();
    for (const kind of ['access_token', 'refresh_token'] as const) {
      const tokens = tokensOf(await trade(await codeFor()));
      const token = tokens[kind] ?? '';
      expect(await introspect(token), kind).to.include({
        active: true,
        client_id: clientId,
        scope: 'inference status',
      });
      expect(await introspect(token, other.view.id), kind).to.deep.equal({ active: false });
      await post(world.one, '/oauth/revoke', { client_id: clientId, token });
      expect(await introspect(token), kind).to.deep.equal({ active: false });
      expect((await whoami(tokens.access_token)).status, kind).to.equal(401);
      expect(errorOf(await refresh(tokens.refresh_token ?? '')), kind).to.equal('invalid_grant');
    }
  });
});
