import type { SessionTokens } from '@rios/sdk/schema/account';
import { expect } from 'chai';
import { SignJWT, UnsecuredJWT } from 'jose';
import { issuerOf } from '../../../src/services/users/users.ts';
import { ask } from '../../support/small-gateway.ts';
import { NETWORK } from '../users/world.ts';
import {
  ADA,
  basic,
  call,
  createOauthWorld,
  errorOf,
  type OauthWorld,
  post,
  register,
  tokensOf,
} from './oauth-world.ts';

const GRANT = { grant_type: 'client_credentials' };

describe('OAuth: programs and client credentials', () => {
  let world: OauthWorld;
  let ada: SessionTokens;
  let id: string;
  let secret: string;
  beforeEach(async () => {
    world = await createOauthWorld();
    ada = await world.join(ADA);
    const made = await register(world.one, ada);
    id = made.view.id;
    secret = made.secret ?? '';
  });
  afterEach(() => world.close());
  const whoami = (token: string) => ask(world.one.url, '/v1/whoami', { token });
  const ownToken = async (fields = {}) =>
    tokensOf(await post(world.one, '/oauth/token', { ...GRANT, ...fields }, basic(id, secret)));

  it('default: a secret, shown once, gives short tokens for the person', async () => {
    const token = await ownToken();
    const listed = await call(world.one, 'GET', '/v1/oauth/clients', ada.accessToken);
    const stored = JSON.stringify(await world.store.selectFrom('oauth_clients').selectAll().execute());

    expect(token).to.include({ expires_in: 900, scope: 'inference status' });
    expect(token).to.not.have.any.keys('refresh_token', 'session_id');
    expect((await whoami(token.access_token)).json()).to.deep.include({
      email: ADA,
      tokenKind: 'oauth',
      scopes: ['inference', 'status'],
    });
    expect(listed.text).to.contain(id).and.to.not.contain(secret);
    expect(stored).to.contain(id).and.to.not.contain(secret);
  });

  it('option: fewer scopes', async () => {
    const { access_token: token, scope } = await ownToken({ scope: 'status' });

    expect(scope).to.equal('status');
    expect((await whoami(token)).json()).to.deep.include({ scopes: ['status'] });
  });

  it('behaviour: the well-known documents say where all is, whatever the Host header says', async () => {
    const documents = [];
    for (const name of ['oauth-authorization-server', 'openid-configuration']) {
      const headers = { host: 'evil.example', 'x-forwarded-host': 'evil.example' };
      const answer = await ask(world.one.url, `/.well-known/${name}`, { token: null, headers });
      documents.push(answer.json());
    }

    const { url } = world.one;
    expect(documents[0]).to.deep.include({
      issuer: url,
      authorization_endpoint: `${url}/oauth/authorize`,
      token_endpoint: `${url}/oauth/token`,
      device_authorization_endpoint: `${url}/oauth/device_authorization`,
      introspection_endpoint: `${url}/oauth/introspect`,
      revocation_endpoint: `${url}/oauth/revoke`,
      jwks_uri: `${url}/v1/.well-known/jwks.json`,
      code_challenge_methods_supported: ['S256'],
      response_types_supported: ['code'],
    });
    expect(documents[1]).to.deep.equal(documents[0]);
    expect(JSON.stringify(documents)).to.not.contain('evil');
  });

  it('behaviour: a role that was taken away takes the scope away from tokens in use', async () => {
    const { access_token: token } = await ownToken();
    await world.store.updateTable('users').set({ role: 'viewer' }).where('email', '=', ADA).execute();

    expect((await whoami(token)).json()).to.deep.include({ role: 'viewer', scopes: ['status'] });
  });

  it('option: org: it acts for the organisation, as long as the person is in it', async () => {
    await call(world.one, 'POST', '/v1/orgs', ada.accessToken, { name: 'lab' });
    const made = await register(world.one, ada, { org: 'lab', scopes: ['status'] });
    const headers = basic(made.view.id, made.secret ?? '');
    const { access_token: token } = tokensOf(await post(world.one, '/oauth/token', GRANT, headers));
    const who = (await whoami(token)).json() as { accountId: string };
    await world.store.deleteFrom('org_members').execute();

    expect(who).to.include({ name: 'org:lab', email: ADA });
    expect((await whoami(token)).status).to.equal(401);
  });

  it('behaviour: revoked or expired, neither the secret nor a token in use is good', async () => {
    const { access_token: token } = await ownToken();
    const short = await register(world.one, ada, { ttlMs: 60_000 });
    world.clock.advance(61_000);
    await call(world.one, 'DELETE', `/v1/oauth/clients/${id}`, ada.accessToken);
    const ask = (client: string, text: string) =>
      post(world.other, '/oauth/token', GRANT, basic(client, text));

    expect((await whoami(token)).status).to.equal(401);
    expect(errorOf(await ask(id, secret))).to.equal('invalid_client');
    expect(errorOf(await ask(short.view.id, short.secret ?? ''))).to.equal('invalid_client');
  });

  it('behaviour: a token that the program revokes is refused at once', async () => {
    const { access_token: token } = await ownToken();
    await post(world.other, '/oauth/revoke', { token }, basic(id, secret));

    expect((await whoami(token)).status).to.equal(401);
  });

  it('behaviour: a program makes no tokens, no programs, and approves no device', async () => {
    const wide = await register(world.one, ada, { scopes: ['account'] });
    const headers = basic(wide.view.id, wide.secret ?? '');
    const { access_token: token } = tokensOf(await post(world.one, '/oauth/token', GRANT, headers));
    const given = { name: 'more', scopes: ['account'] };
    const statuses = [
      await call(world.one, 'POST', '/v1/tokens', token, given),
      await call(world.one, 'POST', '/v1/oauth/clients', token, given),
      await call(world.one, 'DELETE', `/v1/oauth/clients/${id}`, token),
      await call(world.one, 'POST', '/v1/oauth/device/approve', token, { userCode: 'BBBB-BBBB' }),
    ];

    expect(statuses.map(({ status }) => status)).to.deep.equal([403, 403, 403, 403]);
  });

  it('error AUTH_FORBIDDEN: a scope that the role lacks', async () => {
    const answer = await call(world.one, 'POST', '/v1/oauth/clients', ada.accessToken, {
      name: 'ci',
      scopes: ['network'],
    });

    expect(answer.status).to.equal(403);
    expect(answer.error()).to.include({ code: 'AUTH_FORBIDDEN' });
  });

  it("error NOT_FOUND: somebody else's program", async () => {
    const bob = await world.join('bob@example.org');

    expect((await call(world.one, 'DELETE', `/v1/oauth/clients/${id}`, bob.accessToken)).status).to.equal(
      404,
    );
  });

  it('error USER_INVALID_REQUEST: redirect addresses that lead elsewhere than they say', async () => {
    const bad = [
      'http://app.example.org/back',
      'https://app.example.org/back#frag',
      'https://user@app.example.org/',
      'javascript:alert(1)',
      'https://*.example.org/back',
      'http://localhost:3000/back',
      'https://app.example.org/\u202eback',
    ];
    for (const uri of bad) {
      const body = { name: 'App', scopes: ['status'], redirectUris: [uri] };
      const answer = await call(world.one, 'POST', '/v1/oauth/clients', ada.accessToken, body);
      expect(answer.status, uri).to.equal(400);
    }
  });

  it('error: a wrong secret, another scope, another grant, an unknown program', async () => {
    const ask = async (fields: object, client = id, text = secret) =>
      errorOf(await post(world.one, '/oauth/token', { ...GRANT, ...fields }, basic(client, text)));
    const hash = (await world.store.selectFrom('oauth_clients').select('secret_sha256').executeTakeFirst())
      ?.secret_sha256;

    expect(await ask({}, id, `${secret}x`)).to.equal('invalid_client');
    expect(await ask({}, id, hash ?? ''), 'the stored hash is no secret').to.equal('invalid_client');
    expect(await ask({}, 'app_0000000000')).to.equal('invalid_client');
    expect(await ask({ scope: 'models' })).to.equal('invalid_scope');
    expect(await ask({ grant_type: 'password' })).to.equal('unsupported_grant_type');
    expect(await ask({ grant_type: 'refresh_token', refresh_token: 'x' })).to.equal('invalid_request');
  });

  it('error AUTH_REQUIRED: a token with alg none, with scopes added, or of the library itself', async () => {
    const { access_token: token } = await ownToken({ scope: 'status' });
    const [header = '', body = '', signature = ''] = token.split('.');
    const claims = JSON.parse(Buffer.from(body, 'base64url').toString()) as Record<string, string>;
    const more = Buffer.from(JSON.stringify({ ...claims, scope: 'status network' })).toString('base64url');
    const refused = {
      none: new UnsecuredJWT(claims).encode(),
      scopes: `${header}.${more}.${signature}`,
      opaque: claims.jti ?? '',
    };

    for (const [name, text] of Object.entries(refused)) {
      expect((await whoami(text)).status, name).to.equal(401);
    }
    const introspected = await post(
      world.one,
      '/oauth/introspect',
      { token: refused.scopes },
      basic(id, secret),
    );
    expect(introspected.text).to.not.contain('"active":true');
  });

  it('error AUTH_REQUIRED: claims that our key signed and that fit no token: no row, no program, no grant', async () => {
    const key = await world.signingKeys.current();
    const now = Math.floor(world.clock.now() / 1000);
    const sign = (claims: object, over: { audience?: string; type?: string } = {}) =>
      new SignJWT({ ...claims })
        .setProtectedHeader({ alg: 'EdDSA', kid: key.kid, typ: over.type ?? 'at+jwt' })
        .setIssuer(issuerOf(NETWORK))
        .setAudience(over.audience ?? NETWORK)
        .setIssuedAt(now)
        .setExpirationTime(now + 60)
        .sign({ kty: 'OKP', crv: 'Ed25519', x: key.publicKey, d: key.privateKey });
    const { access_token: good } = await ownToken();
    const claims = JSON.parse(Buffer.from(good.split('.')[1] ?? '', 'base64url').toString()) as {
      jti: string;
    };
    const own = { sub: id, client_id: id, jti: claims.jti, scope: 'status' };
    const forged = {
      audience: await sign(own, { audience: `net_${'cd'.repeat(16)}` }),
      type: await sign(own, { type: 'JWT' }),
      row: await sign({ ...own, jti: 'unknown' }),
      subject: await sign({ ...own, sub: 'acc_0000000000' }),
      program: await sign({ ...own, sub: 'rios', client_id: 'rios' }),
      session: await sign({ ...own, sub: 'acc_0000000000', sid: ada.sessionId }),
      scope: await sign({ ...own, scope: undefined }),
    };

    expect((await whoami(await sign(own))).status, 'the forger knows how').to.equal(200);
    for (const [name, text] of Object.entries(forged)) {
      expect((await whoami(text)).status, name).to.equal(401);
    }
  });
});
