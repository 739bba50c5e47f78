import type { SessionTokens } from '@rios/sdk/schema/account';
import { expect } from 'chai';
import { type Answer, ask, type SmallGateway } from '../../support/small-gateway.ts';
import {
  ADA,
  type Browser,
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
    expect(locationOf(await browser.get(world.one, path)).pathname, 'the page works once').to.equal('/undefined');
  });
});
