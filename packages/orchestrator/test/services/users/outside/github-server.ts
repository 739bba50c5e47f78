import { createHash, randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { startServer } from './http-server.ts';

export const GITHUB_ID = 'Iv1.rios';
export const GITHUB_SECRET = 'a secret of the GitHub application';

interface Code {
  readonly challenge: string;
  readonly redirectUri: string;
}

/** Behaves as GitHub documents its OAuth web flow, `GET /user` and `GET /user/emails`, at an Enterprise address. */
export interface GithubServer {
  readonly url: string;
  user: Record<string, unknown>;
  emails: unknown;
  /** What stands as `iss` beside the code. */
  iss: string;
  close(): Promise<void>;
}

export async function startGithubServer(): Promise<GithubServer> {
  const codes = new Map<string, Code>();
  const tokens = new Set<string>();
  const server = await startServer((request, response) => void answer(request, response));
  const github: GithubServer = {
    url: server.url,
    user: { id: 583231, login: 'octocat', name: 'The Octocat' },
    emails: [
      { email: 'old@example.org', primary: false, verified: true, visibility: null },
      { email: 'octocat@example.org', primary: true, verified: true, visibility: 'public' },
    ],
    iss: `${server.url}/login/oauth`,
    close: () => server.close(),
  };
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const url = new URL(request.url ?? '', server.url);
    if (url.pathname === '/login/oauth/authorize') return authorize(url, response, github, codes);
    if (url.pathname === '/login/oauth/access_token') {
      return sendJson(response, 200, trade(new URLSearchParams(await text(request)), codes, tokens));
    }
    const token = /^bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1];
    const isKnown = tokens.has(token ?? '') && request.headers['user-agent'] !== undefined;
    if (!isKnown) return sendJson(response, 401, { message: 'Bad credentials' });
    if (url.pathname === '/api/v3/user') return sendJson(response, 200, github.user);
    if (url.pathname === '/api/v3/user/emails') return sendJson(response, 200, github.emails);
    return sendJson(response, 404, { message: 'Not Found' });
  };
  return github;
}

function authorize(url: URL, response: ServerResponse, github: GithubServer, codes: Map<string, Code>): void {
  const asked = url.searchParams;
  const code = randomBytes(10).toString('hex');
  const redirectUri = asked.get('redirect_uri') ?? '';
  codes.set(code, { challenge: asked.get('code_challenge') ?? '', redirectUri });
  const back = new URL(redirectUri);
  back.searchParams.set('code', code);
  back.searchParams.set('iss', github.iss);
  back.searchParams.set('state', asked.get('state') ?? '');
  response.writeHead(302, { location: back.href }).end();
}

/** GitHub answers 200 whatever happens; what went wrong stands in the body. */
function trade(form: URLSearchParams, codes: Map<string, Code>, tokens: Set<string>): object {
  if (form.get('client_id') !== GITHUB_ID || form.get('client_secret') !== GITHUB_SECRET) {
    return {
      error: 'incorrect_client_credentials',
      error_description: 'The client_id and/or client_secret …',
    };
  }
  const code = codes.get(form.get('code') ?? '');
  codes.delete(form.get('code') ?? '');
  const challenge = createHash('sha256')
    .update(form.get('code_verifier') ?? '')
    .digest('base64url');
  if (code?.challenge !== challenge || code.redirectUri !== form.get('redirect_uri')) {
    return { error: 'bad_verification_code', error_description: 'The code passed is incorrect or expired.' };
  }
  const token = `gho_${randomBytes(18).toString('hex')}`;
  tokens.add(token);
  return { access_token: token, scope: 'read:user,user:email', token_type: 'bearer' };
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' }).end(JSON.stringify(body));
}
