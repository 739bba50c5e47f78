import type { SessionTokens } from '@rios/sdk/schema/account';
import { expect } from 'chai';
import { ask } from '../../support/small-gateway.ts';
import { type CodeFlow, createCodeFlow } from './code-flow.ts';
import {
  ADA,
  call,
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
  let flow: CodeFlow;
  beforeEach(async () => {
    world = await createOauthWorld();
    ada = await world.join(ADA);
    const registered = await register(world.one, ada, { name: 'App', redirectUris: [REDIRECT] });
    clientId = registered.view.id;
    flow = createCodeFlow(world, clientId);
  });
  afterEach(() => world.close());

  it('default: login, consent, code, tokens that are accepted within their scopes', async () => {
    const { path, asked } = await flow.logIn(world.one);
    const url = await flow.back(world.one, await flow.decide(world.one, path, asked));
    const tokens = tokensOf(await flow.trade(url.searchParams.get('code') ?? ''));

    expect(asked.text).to.contain('App').and.to.contain(ADA).and.to.contain('https://app.example.org');
    expect(url.origin + url.pathname).to.equal(REDIRECT);
    expect(url.searchParams.get('state')).to.equal('xyz');
    expect(url.searchParams.get('iss')).to.equal(world.one.url);
    expect((await flow.whoami(tokens.access_token)).json()).to.deep.include({
      email: ADA,
      tokenKind: 'oauth',
      scopes: ['inference', 'status'],
    });
    const tokensRoute = await ask(world.one.url, '/v1/tokens', { token: tokens.access_token });
    expect(tokensRoute.status).to.equal(403);
    expect(locationOf(await flow.browser.get(world.one, path)).pathname, 'the page works once').to.equal(
      '/undefined',
    );
  });

  it('behaviour: begun at one orchestrator, consented at another, traded at the first', async () => {
    const path = locationOf(await flow.authorize({}, world.one)).pathname;
    const page = await flow.browser.get(world.other, path);
    const asked = await flow.browser.post(world.other, path, {
      ...hiddenOf(page),
      email: ADA,
      password: PASSWORD,
    });
    const url = await flow.back(world.one, await flow.decide(world.one, path, asked));

    expect((await flow.trade(url.searchParams.get('code') ?? '', {}, world.other)).status).to.equal(200);
  });

  it('behaviour: the browser is logged in for one answer: the next may be of somebody else', async () => {
    await world.join('bob@example.org');
    await flow.codeFor();
    const path = locationOf(await flow.authorize()).pathname;
    const page = await flow.browser.get(world.one, path);
    const login = { ...hiddenOf(page), email: 'bob@example.org', password: PASSWORD };
    const asked = await flow.browser.post(world.one, path, login);
    const url = await flow.back(world.one, await flow.decide(world.one, path, asked));
    const tokens = tokensOf(await flow.trade(url.searchParams.get('code') ?? ''));

    expect((await flow.whoami(tokens.access_token)).json()).to.include({ email: 'bob@example.org' });
  });

  it('behaviour: refused, the program hears access_denied and gets no session', async () => {
    const { path, asked } = await flow.logIn(world.one);
    const url = await flow.back(world.one, await flow.decide(world.one, path, asked, 'refuse'));

    expect(url.origin + url.pathname).to.equal(REDIRECT);
    expect(url.searchParams.get('error')).to.equal('access_denied');
    expect((await ask(world.one.url, '/v1/sessions', { token: ada.accessToken })).text).to.not.contain('App');
  });

  it('behaviour: scopes beyond the role or the registration are not given', async () => {
    const tooMany = await flow.authorize({ scope: 'inference network' });
    expect(locationOf(tooMany).searchParams.get('error')).to.equal('invalid_scope');

    await world.store.updateTable('users').set({ role: 'viewer' }).where('email', '=', ADA).execute();
    const tokens = tokensOf(await flow.trade(await flow.codeFor()));
    expect((await flow.whoami(tokens.access_token)).json()).to.deep.include({ scopes: ['status'] });
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
      const answer = await flow.authorize({ redirect_uri: uri });
      expect(answer.status, uri).to.equal(400);
      expect(answer.headers.location, uri).to.equal(undefined);
    }
    expect((await flow.authorize({ client_id: 'nobody' })).headers.location).to.equal(undefined);
  });

  it('error: the port of a loopback address counts too', async () => {
    const redirectUris = ['http://127.0.0.1:4000/back'];
    const { view } = await register(world.one, ada, { redirectUris });
    const over = (port: number) => ({ client_id: view.id, redirect_uri: `http://127.0.0.1:${port}/back` });

    expect((await flow.authorize(over(4000))).status).to.equal(303);
    expect((await flow.authorize(over(4001))).status).to.equal(400);
  });

  it('error: no PKCE, plain PKCE, or a wrong verifier', async () => {
    const without = await flow.authorize({ code_challenge: '', code_challenge_method: '' });
    const plain = await flow.authorize({
      code_challenge: flow.pkce.verifier,
      code_challenge_method: 'plain',
    });
    const unsaid = await flow.authorize({ code_challenge_method: '' });

    for (const answer of [without, plain, unsaid]) {
      expect(locationOf(answer).searchParams.get('error')).to.equal('invalid_request');
    }
    const code = await flow.codeFor();
    expect(errorOf(await flow.trade(code, { code_verifier: createPkce().verifier }))).to.equal(
      'invalid_grant',
    );
    expect(errorOf(await flow.trade(await flow.codeFor(), { code_verifier: '' }))).to.equal('invalid_grant');
  });

  it('error: a code of another program, for another address', async () => {
    const other = await register(world.one, ada, { redirectUris: ['https://other.example/back'] });

    expect(errorOf(await flow.trade(await flow.codeFor(), { client_id: other.view.id }))).to.equal(
      'invalid_grant',
    );
    expect(
      errorOf(await flow.trade(await flow.codeFor(), { redirect_uri: 'https://other.example/back' })),
    ).to.equal('invalid_grant');
  });

  it('behaviour: a page of the program may trade its code; a page from elsewhere may not', async () => {
    const fields = async () => ({
      grant_type: 'authorization_code',
      client_id: clientId,
      code: await flow.codeFor(),
      redirect_uri: REDIRECT,
      code_verifier: flow.pkce.verifier,
    });
    const foreign = await post(world.one, '/oauth/token', await fields(), { origin: 'https://evil.example' });
    const own = await post(world.one, '/oauth/token', await fields(), { origin: 'https://app.example.org' });

    expect([foreign.status, errorOf(foreign)]).to.deep.equal([400, 'invalid_request']);
    expect(foreign.text).to.not.contain('access_token');
    expect(own.status).to.equal(200);
    expect(own.headers['access-control-allow-origin']).to.equal('https://app.example.org');
  });

  it('error: a code used twice ends the session that it began', async () => {
    const code = await flow.codeFor();
    const tokens = tokensOf(await flow.trade(code));

    expect(errorOf(await flow.trade(code, {}, world.other))).to.equal('invalid_grant');
    expect((await flow.whoami(tokens.access_token)).status).to.equal(401);
    expect(errorOf(await flow.refresh(tokens.refresh_token ?? ''))).to.equal('invalid_grant');
  });

  it('error: a refresh token used twice ends the session', async () => {
    const first = tokensOf(await flow.trade(await flow.codeFor()));
    const second = tokensOf(await flow.refresh(first.refresh_token ?? '', world.other));

    expect(second.refresh_token).to.not.equal(first.refresh_token);
    expect((await flow.whoami(second.access_token)).status).to.equal(200);
    expect(errorOf(await flow.refresh(first.refresh_token ?? ''))).to.equal('invalid_grant');
    expect(errorOf(await flow.refresh(second.refresh_token ?? '', world.other))).to.equal('invalid_grant');
    expect((await flow.whoami(second.access_token)).status).to.equal(401);
    expect((await flow.whoami(ada.accessToken)).status, 'other sessions stay').to.equal(200);
  });

  it('behaviour: a session ended by the person, a changed password and a revoked program end the tokens', async () => {
    const ended = tokensOf(await flow.trade(await flow.codeFor()));
    await call(world.one, 'DELETE', `/v1/sessions/${ended.session_id}`, ada.accessToken);
    expect((await flow.whoami(ended.access_token, world.other)).status).to.equal(401);
    expect(errorOf(await flow.refresh(ended.refresh_token ?? ''))).to.equal('invalid_grant');

    const changed = tokensOf(await flow.trade(await flow.codeFor()));
    const body = { password: PASSWORD, newPassword: PASSWORD };
    await call(world.one, 'POST', '/v1/account/password', ada.accessToken, body);
    expect((await flow.whoami(changed.access_token)).status).to.equal(401);

    const revoked = tokensOf(await flow.trade(await flow.codeFor()));
    await call(world.one, 'DELETE', `/v1/oauth/clients/${clientId}`, ada.accessToken);
    expect((await flow.whoami(revoked.access_token, world.other)).status).to.equal(401);
    expect(errorOf(await flow.refresh(revoked.refresh_token ?? '', world.other))).to.equal('invalid_client');
  });

  it('behaviour: revocation ends the session, by either token; introspection says so, to its own program only', async () => {
    const other = await register(world.one, ada, { redirectUris: ['https://other.example/back'] });
    const introspect = async (token: string, id = clientId) =>
      (await post(world.other, '/oauth/introspect', { client_id: id, token })).json();
    for (const kind of ['access_token', 'refresh_token'] as const) {
      const tokens = tokensOf(await flow.trade(await flow.codeFor()));
      const token = tokens[kind] ?? '';
      expect(await introspect(token), kind).to.include({
        active: true,
        client_id: clientId,
        scope: 'inference status',
      });
      expect(await introspect(token, other.view.id), kind).to.deep.equal({ active: false });
      await post(world.one, '/oauth/revoke', { client_id: clientId, token });
      expect(await introspect(token), kind).to.deep.equal({ active: false });
      expect((await flow.whoami(tokens.access_token)).status, kind).to.equal(401);
      expect(errorOf(await flow.refresh(tokens.refresh_token ?? '')), kind).to.equal('invalid_grant');
    }
  });
});
