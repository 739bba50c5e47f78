import type { SessionTokens } from '@rios/sdk/schema/account';
import type { StartedOutside } from '@rios/sdk/schema/outside';
import { openProviders } from '../../../../src/auth/outside/open-providers.ts';
import type { OutsideLoginConfig } from '../../../../src/auth/outside/outside-config.ts';
import type { OutsideProvider } from '../../../../src/auth/outside/outside-provider.ts';
import type { Store } from '../../../../src/store/store.ts';
import { type Answer, ask, startGateway } from '../../../support/small-gateway.ts';
import { createWorld, type World } from '../world.ts';
import { browseTo } from './browser.ts';
import { CLIENT_ID, CLIENT_SECRET } from './oidc-issuer.ts';

/** The user service behind the real gateway, with outside logins, and a browser. */
export interface OutsideWorld {
  readonly world: World;
  readonly url: string;
  /** Where providers send the browser for a login of this id. */
  redirectUri(id: string): string;
  offer(login: Partial<OutsideLoginConfig> & { issuer: string }, deadlineMs?: number): void;
  send(method: string, path: string, body?: object, token?: string): Promise<Answer>;
  start(id?: string): Promise<StartedOutside>;
  /** Logs in at the provider; the address that it sends the browser back to. */
  browse(started: StartedOutside): Promise<URL>;
  /** Opens that address. */
  open(returned: URL): Promise<Answer>;
  /** Presses a button of the page. */
  press(page: Answer, answer?: 'yes' | 'no'): Promise<Answer>;
  /** All in the browser, from the provider to yes. */
  agree(started: StartedOutside): Promise<void>;
  complete(started: StartedOutside, code?: string): Promise<Answer>;
  /** The whole of a login. */
  logIn(id?: string): Promise<SessionTokens>;
  close(): Promise<void>;
}

export async function createOutsideWorld(store?: Store): Promise<OutsideWorld> {
  let publicUrl = '';
  const outside = { publicUrl: () => publicUrl, providers: new Map<string, OutsideProvider>() };
  const world = await createWorld(store, { outside });
  const gateway = await startGateway(world.users.endpoints, { findCaller: world.users.authenticate });
  publicUrl = gateway.url;
  const send: OutsideWorld['send'] = (method, path, body, token) =>
    ask(gateway.url, path, {
      method,
      token: token ?? null,
      ...(body === undefined
        ? {}
        : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
  const open = (returned: URL) => ask(gateway.url, returned.pathname + returned.search, { token: null });
  const press = (page: Answer, answer = 'yes') => {
    const confirm = /name="confirm" value="([^"]+)"/.exec(page.text)?.[1] ?? '';
    const body = new URLSearchParams({ confirm, answer }).toString();
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    return ask(gateway.url, '/v1/auth/outside/confirm', { method: 'POST', token: null, headers, body });
  };
  const start = async (id = 'lab') =>
    (await send('POST', `/v1/auth/outside/${id}/start`, { client: 'rios of ada' })).json() as StartedOutside;
  const browse = (started: StartedOutside) => browseTo(started.authorizationUrl, gateway.url);
  const agree = async (started: StartedOutside) => {
    await press(await open(await browse(started)));
  };
  const complete = ({ claim }: StartedOutside, code?: string) =>
    send('POST', '/v1/auth/outside/complete', { claim, ...(code === undefined ? {} : { code }) });
  return {
    world,
    url: gateway.url,
    redirectUri: (id) => `${gateway.url}/v1/auth/outside/${id}/callback`,
    offer: (login, deadlineMs = 5000) => {
      const config = {
        id: 'lab',
        kind: 'oidc',
        clientId: CLIENT_ID,
        clientSecret: CLIENT_SECRET,
        ...login,
      } as const;
      const opened = openProviders([config], outside.publicUrl, deadlineMs);
      for (const [id, provider] of opened.providers) outside.providers.set(id, provider);
    },
    send,
    start,
    browse,
    open,
    press,
    agree,
    complete,
    logIn: async (id) => {
      const started = await start(id);
      await agree(started);
      return (await complete(started)).json() as SessionTokens;
    },
    close: async () => {
      await gateway.stop();
      await world.close();
    },
  };
}
