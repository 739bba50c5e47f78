import { IncomingMessage, type ServerResponse } from 'node:http';
import type { Log } from '@rios/sdk/log';
import type { Provider } from 'oidc-provider';
import type { SigningKeys } from '../../auth/signing-keys.ts';
import type { UserModules } from '../users/modules.ts';
import type { PageModules } from './device-page.ts';
import type { Exchange } from './exchange.ts';
import { oauthPartOf } from './oauth-paths.ts';

export interface OauthModules extends UserModules {
  readonly keys: SigningKeys;
  readonly log: Log;
}

/** Our OAuth 2.0 server: device flow, client credentials, authorisation code with PKCE. */
export interface OauthServer {
  /** Whether it answers this; nothing is loaded to say so. */
  handles(method: string, path: string): boolean;
  /** Answers, after the gateway has counted the call and read its body. */
  serve(request: IncomingMessage, response: ServerResponse, body: Uint8Array): Promise<void>;
}

/** Says where people reach the API; known once it listens. */
export type PublicUrl = () => string;

/** Loads the library at the first call that needs it. All its state is in the store. */
export function createOauthServer(modules: OauthModules, publicUrl: PublicUrl): OauthServer {
  const pages: PageModules = { ...modules, publicUrl };
  let loading: Promise<Provider> | undefined;
  const provider = () => {
    loading ??= load(pages, modules).catch((error: unknown) => {
      loading = undefined;
      throw error;
    });
    return loading;
  };
  return {
    handles: (method, path) => oauthPartOf(method, path) !== undefined,
    serve: async (request, response, body) => {
      const url = new URL(request.url ?? '/', publicUrl());
      const form = new URLSearchParams(Buffer.from(body).toString());
      const exchange: Exchange = {
        request,
        response,
        path: url.pathname,
        query: url.searchParams,
        form: isForm(request) ? form : new URLSearchParams(),
        address: request.socket.remoteAddress ?? '',
      };
      await dispatch(pages, provider, exchange, body);
    },
  };
}

const isForm = ({ headers }: IncomingMessage): boolean =>
  headers['content-type']?.split(';')[0]?.trim().toLowerCase() === 'application/x-www-form-urlencoded';

async function load(pages: PageModules, { keys, log }: OauthModules): Promise<Provider> {
  const { createProvider } = await import('./create-provider.ts');
  return createProvider({ ...pages, log, signingKey: await keys.current() });
}

async function dispatch(
  pages: PageModules,
  provider: () => Promise<Provider>,
  exchange: Exchange,
  body: Uint8Array,
): Promise<void> {
  const { request, response, path } = exchange;
  const part = oauthPartOf(request.method ?? '', path);
  if (part === 'device') {
    const { serveDevicePage } = await import('./device-page.ts');
    await serveDevicePage(pages, exchange);
    return;
  }
  const library = await provider();
  const inner = await innerRequest(pages, exchange, body);
  if (part === 'consent') {
    const { serveConsentPage } = await import('./consent-page.ts');
    await serveConsentPage(pages, library, exchange);
    return;
  }
  await library.callback()(inner, response);
}

/**
 * The request as the library sees it: its body, already read and bounded; our own address, whatever the caller
 * called us; and, where one of our JWTs is asked about, the id of the row behind it.
 */
async function innerRequest(
  { publicUrl, accessTokens }: PageModules,
  { request, path, form }: Exchange,
  body: Uint8Array,
): Promise<IncomingMessage> {
  const { host, protocol } = new URL(publicUrl());
  const token = form.get('token');
  const claims =
    /^\/oauth\/(introspect|revoke)$/.test(path) && token !== null && (await accessTokens.verify(token));
  if (claims && 'clientId' in claims) form.set('token', claims.tokenId);
  const bytes = token === null ? body : Buffer.from(form.toString());
  const {
    'transfer-encoding': _,
    'x-forwarded-host': __,
    'x-forwarded-for': ___,
    ...headers
  } = request.headers;
  const inner = new IncomingMessage(request.socket);
  inner.method = request.method;
  inner.url = request.url;
  inner.headers = {
    ...headers,
    host,
    'x-forwarded-proto': protocol.slice(0, -1),
    ...(request.method === 'GET' ? {} : { 'content-length': String(bytes.byteLength) }),
  };
  inner.complete = true;
  inner.push(bytes);
  inner.push(null);
  return inner;
}
