import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { text } from 'node:stream/consumers';
import { createOauth, type OauthApi } from '@rios/sdk/api/oauth';
import type { RiosError } from '@rios/sdk/errors/error';
import { expect } from 'chai';

const NOW = 1_000_000;
const TOKENS = {
  access_token: 'a.b.c',
  token_type: 'Bearer',
  expires_in: 900,
  refresh_token: 'A'.repeat(43),
  refresh_expires_in: 3600,
  session_id: 'ses_0123456789',
};

describe('api/oauth', () => {
  let server: Server;
  let oauth: OauthApi;
  let answer: { status: number; body: string };
  const seen: { path: string | undefined; form: Record<string, string> }[] = [];
  beforeEach(async () => {
    seen.splice(0);
    server = createServer(async (request, response) => {
      seen.push({ path: request.url, form: Object.fromEntries(new URLSearchParams(await text(request))) });
      response.writeHead(answer.status, { 'content-type': 'application/json' }).end(answer.body);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : 0;
    oauth = createOauth({ apiUrl: `http://127.0.0.1:${port}`, timeoutMs: 2000, now: () => NOW });
  });
  afterEach(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const say = (status: number, body: object | string) => {
    answer = { status, body: typeof body === 'string' ? body : JSON.stringify(body) };
  };
  const failure = (work: Promise<unknown>) => work.then(String, (error: RiosError) => error);

  it('default: the tokens of a device are those of a session', async () => {
    say(200, TOKENS);

    expect(await oauth.askDevice('the code')).to.deep.equal({
      kind: 'tokens',
      tokens: {
        sessionId: 'ses_0123456789',
        accessToken: 'a.b.c',
        accessExpiresAt: NOW + 900_000,
        refreshToken: 'A'.repeat(43),
        refreshExpiresAt: NOW + 3_600_000,
      },
    });
    expect(seen).to.deep.equal([
      {
        path: '/oauth/token',
        form: {
          client_id: 'rios',
          grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
          device_code: 'the code',
        },
      },
    ]);
  });

  it('behaviour: waiting and asking too often are no errors', async () => {
    say(400, { error: 'authorization_pending' });
    expect(await oauth.askDevice('x')).to.deep.equal({ kind: 'pending' });
    say(400, { error: 'slow_down' });
    expect(await oauth.askDevice('x')).to.deep.equal({ kind: 'slower' });
  });

  it('error AUTH_LOGIN_FAILED: refused, expired, or ended otherwise', async () => {
    for (const error of ['access_denied', 'expired_token', 'invalid_grant']) {
      say(400, { error });
      expect(await failure(oauth.askDevice('x')), error).to.include({
        code: 'AUTH_LOGIN_FAILED',
        exitCode: 3,
      });
    }
  });

  it('error AUTH_SESSION_ENDED: a refresh token that is not good any more', async () => {
    say(400, { error: 'invalid_grant' });

    expect(await failure(oauth.refresh('A'.repeat(43)))).to.include({ code: 'AUTH_SESSION_ENDED' });
  });

  it('error SERVICE_UNAVAILABLE: a server whose store is away may be asked again', async () => {
    say(503, { error: 'temporarily_unavailable' });

    expect(await failure(oauth.askDevice('x'))).to.include({ code: 'SERVICE_UNAVAILABLE', retryable: true });
  });

  it("error: the gateway's own refusals keep their code", async () => {
    say(429, { error: { code: 'QUOTA_RATE', message: 'too many', hint: '', retryable: true } });

    expect(await failure(oauth.refresh('x'))).to.include({ code: 'QUOTA_RATE' });
  });

  it('error API_REMOTE: what a server without OAuth, or a liar, may answer', async () => {
    const bodies = [
      '<html>',
      '{}',
      '[]',
      { ...TOKENS, session_id: '../x' },
      { ...TOKENS, refresh_token: undefined },
    ];
    for (const body of bodies) {
      say(200, body);
      expect(await failure(oauth.askDevice('x')), String(body)).to.include({ code: 'API_REMOTE' });
    }
    say(200, 'x'.repeat(100_000));
    expect(await failure(oauth.askDevice('x'))).to.include({ code: 'API_REMOTE' });
    say(200, {
      device_code: 'x',
      user_code: 'y',
      verification_uri: 'javascript:1',
      verification_uri_complete: 1,
      expires_in: 1,
    });
    expect(await failure(oauth.beginDevice('box'))).to.include({ code: 'API_REMOTE' });
    say(302, '');
    expect(await failure(oauth.beginDevice('box'))).to.include({ code: 'API_REMOTE' });
  });
});
