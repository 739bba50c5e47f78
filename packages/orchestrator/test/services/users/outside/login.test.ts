import type { SessionTokens } from '@rios/sdk/schema/account';
import { expect } from 'chai';
import { ask, startGateway } from '../../../support/small-gateway.ts';
import { type OidcIssuer, startOidcIssuer } from './oidc-issuer.ts';
import { createOutsideWorld, type OutsideWorld } from './outside-world.ts';

const ADA = 'ada@example.org';

describe('users: login by an outside provider', () => {
  let outside: OutsideWorld;
  let issuer: OidcIssuer;
  beforeEach(async () => {
    outside = await createOutsideWorld();
    issuer = await startOidcIssuer(outside.redirectUri('lab'));
    outside.offer({ issuer: issuer.url });
  });
  afterEach(async () => {
    await issuer.close();
    await outside.close();
  });
  const codeOf = (answer: { error: () => Record<string, unknown> }) => answer.error().code;

  it('default: a verified address of nobody makes an account without a password', async () => {
    const { accessToken } = await outside.logIn();
    const who = await outside.send('GET', '/v1/whoami', undefined, accessToken);

    expect(who.json()).to.deep.include({
      email: ADA,
      displayName: 'Ada Lovelace',
      role: 'developer',
      tokenKind: 'session',
    });
    const [user] = await outside.world.store.selectFrom('users').selectAll().execute();
    expect(user).to.include({ password_hash: '' });
    const guess = { email: ADA, password: '', client: 'x' };
    expect((await outside.send('POST', '/v1/sessions', { ...guess, password: ' ' })).status).to.equal(401);
  });

  it('behaviour: the same identity opens the same account, whatever its address has become', async () => {
    const first = await outside.logIn();
    issuer.person = { sub: 'ada-1', email: 'countess@example.org', email_verified: false };
    const second = await outside.logIn();

    const whoOf = async ({ accessToken }: SessionTokens) =>
      (await outside.send('GET', '/v1/whoami', undefined, accessToken)).json() as { accountId: string };
    expect((await whoOf(second)).accountId).to.equal((await whoOf(first)).accountId);
  });

  it('error AUTH_LOGIN_FAILED: what needs a password says that there is none, and how to get one', async () => {
    const { accessToken } = await outside.logIn();
    const body = { password: 'anything at all' };
    const answer = await outside.send('POST', '/v1/account/totp', body, accessToken);

    expect(codeOf(answer)).to.equal('AUTH_LOGIN_FAILED');
    expect(answer.error().hint).to.contain('rios account reset');
  });

  it('behaviour: the logins that are offered are listed', async () => {
    const answer = await outside.send('GET', '/v1/auth/outside');
    expect(answer.json()).to.deep.equal({ logins: [{ id: 'lab', issuer: issuer.url }] });
  });

  it('behaviour: the browser shows who, what and the code before anybody is let in', async () => {
    const started = await outside.start();
    expect(codeOf(await outside.complete(started))).to.equal('AUTH_OUTSIDE_PENDING');
    const page = await outside.open(await outside.browse(started));

    for (const shown of [ADA, 'rios of ada', started.userCode, '127.0.0.1'])
      expect(page.text).to.contain(shown);
    expect(page.headers['content-type']).to.equal('text/html; charset=utf-8');
    expect(page.headers['content-security-policy']).to.contain("default-src 'none'");
    expect(page.text).to.not.contain(started.claim);
    expect(codeOf(await outside.complete(started))).to.equal('AUTH_OUTSIDE_PENDING');
    expect((await outside.press(page)).text).to.contain('done');
    expect((await outside.complete(started)).status).to.equal(200);
  });

  it('behaviour: each step may be taken by another orchestrator on the same store', async () => {
    const { world } = outside;
    const other = await startGateway(world.openUsers().endpoints, { findCaller: world.users.authenticate });
    const started = await outside.start();
    const returned = await outside.browse(started);
    const page = await ask(other.url, returned.pathname + returned.search, { token: null });
    await outside.press(page);
    const body = JSON.stringify({ claim: started.claim });
    const headers = { 'content-type': 'application/json' };
    const path = '/v1/auth/outside/complete';
    const answer = await ask(other.url, path, { method: 'POST', token: null, headers, body });
    await other.stop();

    expect(answer.json()).to.have.property('sessionId');
  });

  it('behaviour: one claim gives one session', async () => {
    const started = await outside.start();
    await outside.agree(started);
    const answers = await Promise.all([1, 2, 3].map(() => outside.complete(started)));

    expect(answers.map(({ status }) => status).toSorted()).to.deep.equal([200, 403, 403]);
    expect(codeOf(await outside.complete(started))).to.equal('AUTH_OUTSIDE_ENDED');
  });

  it('behaviour: claim, state, verifier and confirmation are not readable in the store', async () => {
    const started = await outside.start();
    const returned = await outside.browse(started);
    const page = await outside.open(returned);
    const confirm = /value="(riosc_[^"]+)"/.exec(page.text)?.[1] ?? 'none';
    const rows = JSON.stringify(
      await outside.world.store.selectFrom('outside_attempts').selectAll().execute(),
    );

    for (const secret of [started.claim, returned.searchParams.get('state') ?? 'none', confirm]) {
      expect(rows).to.not.contain(secret);
    }
    expect(rows).to.not.contain('verifier');
  });

  it('error AUTH_OUTSIDE_REFUSED: the person in the browser says no', async () => {
    const started = await outside.start();
    const page = await outside.open(await outside.browse(started));
    expect((await outside.press(page, 'no')).text).to.contain('Nobody was let in');

    expect(codeOf(await outside.complete(started))).to.equal('AUTH_OUTSIDE_REFUSED');
    expect(codeOf(await outside.press(page, 'yes'))).to.equal('AUTH_OUTSIDE_ENDED');
  });

  it('error AUTH_OUTSIDE_UNLINKED: an account that has the address is not taken over', async () => {
    const { accessToken } = await outside.world.join(ADA);
    issuer.person.sub = 'mallory-with-the-address-of-ada';
    const started = await outside.start();
    await outside.agree(started);
    const answer = await outside.complete(started);

    expect(codeOf(answer)).to.equal('AUTH_OUTSIDE_UNLINKED');
    expect(answer.error().hint).to.contain('rios auth outside link');
    const linked = await outside.send('GET', '/v1/account/outside', undefined, accessToken);
    expect(linked.json()).to.deep.equal({ identities: [] });
    expect(await outside.world.store.selectFrom('sessions').select('id').execute()).to.have.length(1);
  });

  for (const [what, person] of [
    ['not verified', { sub: 'x', email: ADA, email_verified: false }],
    ['said to be verified in other words', { sub: 'x', email: ADA, email_verified: 'yes' }],
    ['missing', { sub: 'x' }],
    ['no address', { sub: 'x', email: 'ada@@example.org', email_verified: true }],
    ['with a line break', { sub: 'x', email: 'ada@example.org\nBcc: all@example.org', email_verified: true }],
    ['of hidden characters', { sub: 'x', email: 'ada\u202e@example.org', email_verified: true }],
    ['too long', { sub: 'x', email: `${'a'.repeat(300)}@example.org`, email_verified: true }],
  ] as const) {
    it(`error AUTH_OUTSIDE_REFUSED: an address that is ${what}`, async () => {
      issuer.person = { ...person };
      const started = await outside.start();
      await outside.agree(started);

      expect(codeOf(await outside.complete(started))).to.equal('AUTH_OUTSIDE_REFUSED');
      expect(await outside.world.store.selectFrom('users').select('email').execute()).to.deep.equal([]);
    });
  }

  it('behaviour: text of the provider cannot become markup, a control or another address', async () => {
    issuer.person = {
      sub: 'x',
      email: 'ADA@EXAMPLE.ORG',
      email_verified: true,
      name: '<img src=x>\u001b[31m',
    };
    const started = await outside.send('POST', '/v1/auth/outside/lab/start', {
      client: '<script>alert(1)</script>',
    });
    const claimed = started.json() as Parameters<OutsideWorld['open']>[0] & { claim: string };
    const page = await outside.open(await outside.browse(claimed as never));
    await outside.press(page);

    expect(page.text).to.not.contain('<script>').and.not.contain('<img');
    expect((await outside.complete(claimed as never)).status).to.equal(200);
    const rows = await outside.world.store.selectFrom('users').select(['email', 'display_name']).execute();
    expect(rows).to.deep.equal([{ email: ADA, display_name: 'unnamed' }]);
  });

  it('error AUTH_OUTSIDE_ENDED: a claim that has expired, and its state', async () => {
    const started = await outside.start();
    const returned = await outside.browse(started);
    outside.world.clock.advance(10 * 60_000);

    expect(codeOf(await outside.open(returned))).to.equal('AUTH_OUTSIDE_ENDED');
    expect(codeOf(await outside.complete(started))).to.equal('AUTH_OUTSIDE_ENDED');
  });

  it('error NOT_FOUND: a login that is not offered', async () => {
    expect(codeOf(await outside.send('POST', '/v1/auth/outside/other/start', {}))).to.equal('NOT_FOUND');
  });

  it('error AUTH_TOO_MANY_ATTEMPTS: logins are begun in bounds from one address', async () => {
    const codes: unknown[] = [];
    for (let made = 0; made < 32; made++) {
      const answer = await outside.send('POST', '/v1/auth/outside/lab/start', {});
      if (answer.status !== 200) codes.push(codeOf(answer));
    }
    expect(codes).to.include('AUTH_TOO_MANY_ATTEMPTS');
  });
});
