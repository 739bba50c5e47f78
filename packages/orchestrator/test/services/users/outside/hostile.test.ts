import { expect } from 'chai';
import { startServer, type TestServer } from './http-server.ts';
import { createSigningKey, type OidcIssuer, startOidcIssuer } from './oidc-issuer.ts';
import { createOutsideWorld, type OutsideWorld } from './outside-world.ts';

describe('users: outside login, hostile', () => {
  let outside: OutsideWorld;
  let issuer: OidcIssuer;
  const servers: TestServer[] = [];
  beforeEach(async () => {
    outside = await createOutsideWorld();
    issuer = await startOidcIssuer(outside.redirectUri('lab'));
    outside.offer({ issuer: issuer.url });
  });
  afterEach(async () => {
    await issuer.close();
    for (const server of servers.splice(0)) await server.close();
    await outside.close();
  });
  const serve = async (listener: TestServer['listener']) => {
    const server = await startServer(listener);
    servers.push(server);
    return server;
  };
  const codeOf = (answer: { error: () => Record<string, unknown> }) => answer.error().code;
  const nobody = async () => {
    expect(await outside.world.store.selectFrom('sessions').select('id').execute()).to.deep.equal([]);
    expect(await outside.world.store.selectFrom('users').select('email').execute()).to.deep.equal([]);
  };

  /** Opens an address that was changed on its way; the login must fail, and nobody get in. */
  const refuses = async (change: (returned: URL) => void, word: RegExp) => {
    const started = await outside.start();
    const returned = await outside.browse(started);
    change(returned);
    const page = await outside.open(returned);
    expect(page.text)
      .to.match(/Nobody was let in/)
      .and.to.match(word);
    const answer = await outside.complete(started);
    expect(codeOf(answer)).to.equal('AUTH_OUTSIDE_REFUSED');
    await nobody();
  };

  it('default: each of these logins works when nobody interferes', async () => {
    expect(await outside.logIn()).to.have.property('sessionId');
  });

  it('error AUTH_OUTSIDE_ENDED: a state of nobody, and one that comes again', async () => {
    const started = await outside.start();
    const returned = await outside.browse(started);
    const other = new URL(returned);
    other.searchParams.set('state', `rioss_${'A'.repeat(43)}`);
    expect(codeOf(await outside.open(other))).to.equal('AUTH_OUTSIDE_ENDED');

    await outside.open(returned);
    expect(codeOf(await outside.open(returned))).to.equal('AUTH_OUTSIDE_ENDED');
  });

  it('error USER_INVALID_REQUEST: a state of a wrong form, or two', async () => {
    const returned = await outside.browse(await outside.start());
    returned.searchParams.append('state', `rioss_${'A'.repeat(43)}`);
    expect(codeOf(await outside.open(returned))).to.equal('USER_INVALID_REQUEST');
    returned.searchParams.delete('state');
    expect(codeOf(await outside.open(returned))).to.equal('USER_INVALID_REQUEST');
  });

  it('error AUTH_OUTSIDE_ENDED: the state of one login at the callback of another (mix-up)', async () => {
    outside.offer({ id: 'other', issuer: issuer.url });
    const returned = await outside.browse(await outside.start());
    returned.pathname = returned.pathname.replace('/lab/', '/other/');

    expect(codeOf(await outside.open(returned))).to.equal('AUTH_OUTSIDE_ENDED');
  });

  it('error AUTH_OUTSIDE_REFUSED: another issuer beside the code (mix-up, RFC 9207)', () =>
    refuses((returned) => returned.searchParams.set('iss', 'https://evil.example'), /invalid response/));

  it('error AUTH_OUTSIDE_REFUSED: no issuer beside the code, of one that says it always names itself', () =>
    refuses((returned) => returned.searchParams.delete('iss'), /invalid response/));

  it('error AUTH_OUTSIDE_REFUSED: a code that is not the issuer’s', () =>
    refuses((returned) => returned.searchParams.set('code', 'stolen'), /invalid_grant/));

  it('error AUTH_OUTSIDE_REFUSED: a code of another attempt (injection: PKCE binds it)', async () => {
    const victim = await outside.browse(await outside.start());
    await refuses(
      (returned) => returned.searchParams.set('code', victim.searchParams.get('code') ?? ''),
      /invalid_grant/,
    );
  });

  it('error AUTH_OUTSIDE_REFUSED: a code that was used', async () => {
    const first = await outside.start();
    const used = await outside.browse(first);
    await outside.open(used);
    await refuses(
      (returned) => returned.searchParams.set('code', used.searchParams.get('code') ?? ''),
      /invalid_grant/,
    );
  });

  it('error AUTH_OUTSIDE_REFUSED: the provider says no, in words or in markup', async () => {
    await refuses((returned) => {
      returned.searchParams.delete('code');
      returned.searchParams.set('error', 'access_denied');
    }, /access_denied/);
    await refuses((returned) => {
      returned.searchParams.delete('code');
      returned.searchParams.set('error', '<script>alert(1)</script>');
    }, /^(?![\s\S]*<script>)/);
  });

  for (const [what, forge, why] of [
    ['of another nonce', { nonce: 'another' }, /claim value/],
    ['of no nonce', { nonce: undefined }, /invalid response/],
    ['for another audience', { aud: 'another-client' }, /claim value/],
    [
      'for two audiences of which another is meant',
      { aud: ['rios-test', 'other'], azp: 'other' },
      /claim value/,
    ],
    ['of another issuer', { iss: 'https://evil.example' }, /claim value/],
    ['that has expired', { exp: 1 }, /timestamp/],
    ['of nobody', { sub: undefined }, /invalid response/],
    ['of the future', { iat: 9_999_999_999, nbf: 9_999_999_999 }, /timestamp/],
  ] as const) {
    it(`error AUTH_OUTSIDE_REFUSED: an ID token ${what}`, async () => {
      issuer.forge = (claims) => JSON.parse(JSON.stringify({ ...claims, ...forge }));
      await refuses(() => {}, why);
    });
  }

  it('error AUTH_OUTSIDE_REFUSED: an ID token that is signed by another key', async () => {
    issuer.signWith = await createSigningKey('first');
    await refuses(() => {}, /invalid response/);
  });

  it('behaviour: the issuer changes its keys, between logins and in the middle of one', async () => {
    await outside.logIn();
    const started = await outside.start();
    const returned = await outside.browse(started);
    await issuer.rotate();
    await outside.press(await outside.open(returned));

    expect((await outside.complete(started)).status).to.equal(200);
    expect(await outside.logIn()).to.have.property('sessionId');
  });

  it('error AUTH_OUTSIDE_REFUSED: the userinfo of somebody else', async () => {
    const liar = await serve((_, response) => {
      response.setHeader('content-type', 'application/json');
      response.end('{"sub":"victim","email":"v@example.org","email_verified":true}');
    });
    issuer.userInfoUrl = `${liar.url}/me`;
    await refuses(() => {}, /attribute value/);
  });

  const startFails = async (deadlineMs: number, url: string) => {
    outside.offer({ id: 'bad', issuer: url }, deadlineMs);
    const began = performance.now();
    const answer = await outside.send('POST', '/v1/auth/outside/bad/start', {});
    expect(answer.status, answer.text).to.be.oneOf([503, 403]);
    expect(performance.now() - began).to.be.below(5000);
    return answer;
  };

  it('error SERVICE_UNAVAILABLE: an issuer that takes the call and never answers', async () => {
    const silent = await serve(() => {});
    expect(codeOf(await startFails(200, silent.url))).to.equal('SERVICE_UNAVAILABLE');
  });

  it('error SERVICE_UNAVAILABLE: one that answers a byte at a time', async () => {
    const slow = await serve((_, response) => {
      response.setHeader('content-type', 'application/json');
      const timer = setInterval(() => response.write(' '), 20);
      response.on('close', () => clearInterval(timer));
    });
    expect(codeOf(await startFails(300, slow.url))).to.equal('SERVICE_UNAVAILABLE');
  });

  it('error SERVICE_UNAVAILABLE: one that does not end', async () => {
    let sentBytes = 0;
    const endless = await serve((_, response) => {
      response.setHeader('content-type', 'application/json');
      const chunk = Buffer.alloc(65_536, ' ');
      const write = () => {
        while (!response.destroyed && response.write(chunk)) sentBytes += chunk.length;
      };
      response.on('drain', write);
      write();
    });
    const answer = await startFails(4000, endless.url);
    expect(codeOf(answer)).to.equal('SERVICE_UNAVAILABLE');
    expect(answer.text).to.contain('524288 bytes');
    expect(sentBytes).to.be.below(16 * 1024 * 1024);
  });

  it('behaviour: redirects are not followed, in a circle or elsewhere', async () => {
    let asked = 0;
    const circle = await serve((request, response) => {
      asked++;
      response.writeHead(302, { location: request.url }).end();
    });
    await startFails(2000, circle.url);
    expect(asked).to.equal(1);
  });

  it('error AUTH_OUTSIDE_REFUSED: metadata of another issuer', async () => {
    const liar = await serve(async (_, response) => {
      const answer = await fetch(`${issuer.url}/.well-known/openid-configuration`);
      response.setHeader('content-type', 'application/json');
      response.end(await answer.text());
    });
    expect(codeOf(await startFails(2000, liar.url))).to.equal('AUTH_OUTSIDE_REFUSED');
  });

  for (const address of ['http://203.0.113.5/auth', 'javascript:alert(1)', 'file:///etc/passwd']) {
    it(`error SERVICE_UNAVAILABLE: metadata that send browsers to ${address}`, async () => {
      const server = await serve((_, response) => {
        response.setHeader('content-type', 'application/json');
        response.end(
          JSON.stringify({
            issuer: server.url,
            authorization_endpoint: address,
            token_endpoint: `${server.url}/token`,
            jwks_uri: `${server.url}/jwks`,
          }),
        );
      });
      expect((await startFails(2000, server.url)).text).to.not.contain(address);
    });
  }

  it('error SERVICE_UNAVAILABLE: an issuer that is gone', async () => {
    await issuer.close();
    const answer = await outside.send('POST', '/v1/auth/outside/lab/start', {});
    expect(codeOf(answer)).to.equal('SERVICE_UNAVAILABLE');
    issuer = await startOidcIssuer(outside.redirectUri('lab'));
  });

  it('error AUTH_OUTSIDE_ENDED: a claim that nobody has, and a confirmation that nobody was asked for', async () => {
    const claim = `rioso_${'A'.repeat(43)}`;
    expect(codeOf(await outside.send('POST', '/v1/auth/outside/complete', { claim }))).to.equal(
      'AUTH_OUTSIDE_ENDED',
    );
    const page = { text: 'name="confirm" value="riosc_nothing"' } as Awaited<
      ReturnType<OutsideWorld['open']>
    >;
    expect(codeOf(await outside.press(page))).to.equal('AUTH_OUTSIDE_ENDED');
  });
});
