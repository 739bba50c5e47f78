import { type Answer, ask, type SmallGateway } from '../../support/small-gateway.ts';
import {
  ADA,
  type Browser,
  createBrowser,
  createPkce,
  hiddenOf,
  locationOf,
  type OauthWorld,
  PASSWORD,
  post,
  REDIRECT,
} from './oauth-world.ts';

type Fields = Record<string, string>;

/** What a browser and a program do in the flow of an authorisation code; `over` replaces parameters, '' omits one. */
export interface CodeFlow {
  readonly browser: Browser;
  readonly pkce: { readonly verifier: string; readonly challenge: string };
  authorize(over?: Fields, gateway?: SmallGateway): Promise<Answer>;
  /** From the program's link to the page that asks for consent. */
  logIn(gateway: SmallGateway, over?: Fields): Promise<{ path: string; asked: Answer }>;
  decide(gateway: SmallGateway, path: string, asked: Answer, decision?: string): Promise<Answer>;
  /** Follows our own redirect to the one that leads to the program. */
  back(gateway: SmallGateway, answer: Answer): Promise<URL>;
  /** All of it, to the code. */
  codeFor(over?: Fields): Promise<string>;
  trade(code: string, over?: Fields, gateway?: SmallGateway): Promise<Answer>;
  refresh(token: string, gateway?: SmallGateway): Promise<Answer>;
  whoami(token: string, gateway?: SmallGateway): Promise<Answer>;
}

export function createCodeFlow(world: OauthWorld, clientId: string): CodeFlow {
  const pkce = createPkce();
  const browser = createBrowser();
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
  const whoami = (token: string, gateway = world.one) => ask(gateway.url, '/v1/whoami', { token });
  return { browser, pkce, authorize, logIn, decide, back, codeFor, trade, refresh, whoami };
}
