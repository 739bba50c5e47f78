import { createHash, randomBytes } from 'node:crypto';
import { silentLog } from '@rios/sdk/log';
import type { SessionTokens } from '@rios/sdk/schema/account';
import { z } from 'zod';
import type { Store } from '../../../src/store/store.ts';
import { type Answer, ask, type SmallGateway, startGateway } from '../../support/small-gateway.ts';
import { createWorld, PASSWORD, type World } from '../users/world.ts';

export const ADA = 'ada@example.org';
export const REDIRECT = 'https://app.example.org/back';

/** Two orchestrators on one store, each with its own gateway and library. */
export interface OauthWorld extends World {
  readonly one: SmallGateway;
  readonly other: SmallGateway;
}

export async function createOauthWorld(store?: Store): Promise<OauthWorld> {
  // the library asks the system for the time
  const world = await createWorld(store, { startAt: Date.now() });
  const open = async (users: World['users']) =>
    startGateway(users.endpoints, {
      findCaller: users.authenticate,
      clock: world.clock,
      openOauth: (publicUrl) => users.openOauth(publicUrl, silentLog),
    });
  const one = await open(world.users);
  const other = await open(world.openUsers());
  const close = async () => {
    await Promise.all([one.stop(), other.stop()]);
    await world.close();
  };
  return { ...world, one, other, close };
}

/** Posts a form. */
export function post(
  { url }: Pick<SmallGateway, 'url'>,
  path: string,
  fields: Record<string, string>,
  headers: Record<string, string> = {},
): Promise<Answer> {
  return ask(url, path, {
    method: 'POST',
    token: null,
    body: new URLSearchParams(fields).toString(),
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
  });
}

/** Calls a route of ours as JSON. */
export function call(
  { url }: Pick<SmallGateway, 'url'>,
  method: string,
  path: string,
  token: string,
  body?: object,
): Promise<Answer> {
  const json = { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
  return ask(url, path, { method, token, ...(body === undefined ? {} : json) });
}

const deviceSchema = z.looseObject({
  device_code: z.string(),
  user_code: z.string(),
  verification_uri: z.string(),
  verification_uri_complete: z.string(),
  interval: z.number(),
  expires_in: z.number(),
});

/** Begins a device flow as `rios login` does. */
export async function beginDevice(
  gateway: SmallGateway,
  over: Record<string, string> = {},
): Promise<z.infer<typeof deviceSchema>> {
  const fields = { client_id: 'rios', scope: 'inference models status account network', ...over };
  return deviceSchema.parse((await post(gateway, '/oauth/device_authorization', fields)).json());
}

/** The device's question. */
export const poll = (gateway: SmallGateway, deviceCode: string, over: Record<string, string> = {}) =>
  post(gateway, '/oauth/token', {
    grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
    client_id: 'rios',
    device_code: deviceCode,
    ...over,
  });

const tokensSchema = z.looseObject({
  access_token: z.string(),
  refresh_token: z.string().optional(),
  session_id: z.string().optional(),
  expires_in: z.number(),
  scope: z.string().optional(),
});
export const tokensOf = (answer: Answer) => tokensSchema.parse(answer.json());

/** The `error` of an answer by the standard. */
export const errorOf = (answer: Answer): string =>
  z.looseObject({ error: z.string() }).parse(answer.json()).error;

/** A browser: keeps cookies by path, follows nothing by itself. */
export interface Browser {
  get(gateway: SmallGateway, path: string): Promise<Answer>;
  post(
    gateway: SmallGateway,
    path: string,
    fields: Record<string, string>,
    headers?: Record<string, string>,
  ): Promise<Answer>;
}

export function createBrowser(): Browser {
  const jar = new Map<string, { value: string; path: string }>();
  const cookieFor = (path: string) =>
    [...jar]
      .filter(([, cookie]) => path.startsWith(cookie.path))
      .map(([name, { value }]) => `${name}=${value}`)
      .join('; ');
  const keep = (answer: Answer): Answer => {
    for (const line of answer.headers['set-cookie'] ?? []) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      const path = /; ?path=([^;]+)/i.exec(line)?.[1] ?? '/';
      if (value === '' || /expires=Thu, 01 Jan 1970/i.test(line)) jar.delete(name);
      else jar.set(name, { value, path });
    }
    return answer;
  };
  return {
    get: async ({ url }, path) =>
      keep(await ask(url, path, { token: null, headers: { cookie: cookieFor(path), accept: 'text/html' } })),
    post: async (gateway, path, fields, headers = {}) =>
      keep(
        await post(gateway, path, fields, {
          cookie: cookieFor(path),
          accept: 'text/html',
          origin: gateway.url,
          'sec-fetch-site': 'same-origin',
          ...headers,
        }),
      ),
  };
}

/** The hidden fields of the form on a page. */
export const hiddenOf = ({ text }: Answer): Record<string, string> =>
  Object.fromEntries(
    [...text.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)">/g)].map(([, name, value]) => [
      name ?? '',
      value ?? '',
    ]),
  );

/** Where a redirect leads, as a path on the same server or a whole address. */
export const locationOf = (answer: Answer): URL => new URL(String(answer.headers.location), 'http://here');

/** A verifier and its challenge (RFC 7636). */
export function createPkce(): { verifier: string; challenge: string } {
  const verifier = randomBytes(32).toString('base64url');
  return { verifier, challenge: createHash('sha256').update(verifier).digest('base64url') };
}

const createdSchema = z.looseObject({
  secret: z.string().nullable(),
  view: z.looseObject({ id: z.string() }),
});

/** Registers a program of Ada's. */
export async function register(
  gateway: SmallGateway,
  { accessToken }: SessionTokens,
  over: object = {},
): Promise<z.infer<typeof createdSchema>> {
  const body = { name: 'ci', scopes: ['inference', 'status'], ...over };
  return createdSchema.parse((await call(gateway, 'POST', '/v1/oauth/clients', accessToken, body)).json());
}

/** The header of a program with a secret. */
export const basic = (id: string, secret: string) => ({
  authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`,
});

export { PASSWORD };
