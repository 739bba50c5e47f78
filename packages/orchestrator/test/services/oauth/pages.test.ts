import { silentLog } from '@rios/sdk/log';
import type { SessionTokens } from '@rios/sdk/schema/account';
import { expect } from 'chai';
import { generate } from 'otplib';
import { escapeHtml } from '../../../src/services/oauth/pages.ts';
import { startGateway } from '../../support/small-gateway.ts';
import {
  ADA,
  type Browser,
  beginDevice,
  call,
  createBrowser,
  createOauthWorld,
  createPkce,
  errorOf,
  hiddenOf,
  locationOf,
  type OauthWorld,
  PASSWORD,
  poll,
  post,
  REDIRECT,
  register,
  tokensOf,
} from './oauth-world.ts';

const PATH = '/oauth/device';

describe('OAuth: pages', () => {
  let world: OauthWorld;
  let ada: SessionTokens;
  let browser: Browser;
  let userCode: string;
  let deviceCode: string;
  beforeEach(async () => {
    world = await createOauthWorld();
    ada = await world.join(ADA);
    browser = createBrowser();
    const device = await beginDevice(world.one, { device_name: 'box' });
    userCode = device.user_code;
    deviceCode = device.device_code;
  });
  afterEach(() => world.close());
  const open = (gateway = world.one) => browser.get(gateway, `${PATH}?user_code=${userCode}`);
  /** Fills in the login form and sends it. */
  const logIn = async (over: Record<string, string> = {}, headers = {}, gateway = world.one) => {
    const fields = { user_code: userCode, email: ADA, password: PASSWORD, code: '' };
    return browser.post(gateway, PATH, { ...hiddenOf(await open()), ...fields, ...over }, headers);
  };
  const isPending = async () => errorOf(await poll(world.other, deviceCode)) === 'authorization_pending';

  it('default: code, login, question with program, account and scopes, answer at another orchestrator', async () => {
    const asked = await logIn();
    const done = await browser.post(
      world.other,
      PATH,
      { ...hiddenOf(asked), decision: 'allow' },
      {
        origin: world.other.url,
      },
    );

    for (const text of ['RiOS command line: box', ADA, '<b>inference</b>', userCode, '127.0.0.1']) {
      expect(asked.text).to.contain(text);
    }
    expect(asked.text).to.not.contain('<b>network</b>');
    expect(done.text).to.contain('The device is logged in');
    expect(tokensOf(await poll(world.one, deviceCode)).scope).to.contain('inference');
  });

  it('behaviour: the second factor is asked for', async () => {
    const { secret } = (await world.call('enrolTotp', {
      body: { password: PASSWORD },
      token: ada.accessToken,
    })) as { secret: string };
    const codeNow = () => generate({ secret, epoch: Math.floor(world.clock.now() / 1000) });
    await world.call('confirmTotp', { body: { code: await codeNow() }, token: ada.accessToken });
    world.clock.advance(60_000);

    const without = await logIn();
    expect(without.status).to.equal(401);
    expect(without.text).to.contain('second factor').and.to.not.contain('name="decision"');
    expect((await logIn({ code: '000000' })).status).to.equal(401);
    expect((await logIn({ code: await codeNow() })).text).to.contain('name="decision"');
  });

  it('behaviour: refused, the device hears access_denied', async () => {
    await browser.post(world.one, PATH, { ...hiddenOf(await logIn()), decision: 'refuse' });

    expect(errorOf(await poll(world.one, deviceCode))).to.equal('access_denied');
  });

  it('behaviour: no page may be framed, run script, load from elsewhere, or be cached', async () => {
    const { view } = await register(world.one, ada, { redirectUris: [REDIRECT] });
    const query = new URLSearchParams({
      client_id: view.id,
      response_type: 'code',
      redirect_uri: REDIRECT,
      scope: 'status',
      code_challenge: createPkce().challenge,
      code_challenge_method: 'S256',
    });
    const consent = locationOf(await browser.get(world.one, `/oauth/authorize?${query}`)).pathname;
    const pages = {
      login: await open(),
      confirm: await logIn(),
      consent: await browser.get(world.one, consent),
      refused: await browser.post(world.one, PATH, {}),
      error: await browser.get(world.one, '/oauth/authorize?client_id=x'),
    };

    for (const [name, { headers, text }] of Object.entries(pages)) {
      const policy = String(headers['content-security-policy']);
      expect(policy, name).to.contain("default-src 'none'").and.to.contain("frame-ancestors 'none'");
      expect(policy, name).to.contain("form-action 'self'").and.to.not.contain('unsafe');
      expect(headers, name).to.include({
        'x-frame-options': 'DENY',
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
      });
      expect(headers, name).to.include.keys('x-request-id', 'x-ratelimit-remaining');
      expect(headers['content-type'], name).to.match(/^text\/html; charset=utf-8$/);
      expect(text, name).to.not.match(/<script|https?:\/\/(?!app\.example\.org)/);
    }
    const cookie = String(pages.login.headers['set-cookie'] ?? '');
    expect(cookie)
      .to.match(/HttpOnly/)
      .and.to.match(/SameSite=Strict/);
  });

  it('option: public URL: behind TLS the cookies are for TLS only, and all addresses are of that host', async () => {
    const publicUrl = 'https://rios.example.org';
    const gateway = await startGateway(world.users.endpoints, {
      openOauth: () => world.users.openOauth(() => publicUrl, silentLog),
    });
    const { view } = await register(world.one, ada, { redirectUris: [REDIRECT] });
    const query = new URLSearchParams({
      client_id: view.id,
      response_type: 'code',
      redirect_uri: REDIRECT,
      scope: 'status',
      code_challenge: createPkce().challenge,
      code_challenge_method: 'S256',
    });
    const page = await createBrowser().get(gateway, PATH);
    const started = await createBrowser().get(gateway, `/oauth/authorize?${query}`);
    const device = await beginDevice(gateway);
    const sent = { ...hiddenOf(page), user_code: userCode, email: ADA, password: PASSWORD };
    const cookie = String(page.headers['set-cookie']).split(';')[0] ?? '';
    const fromPublic = await post(gateway, PATH, sent, {
      cookie,
      origin: publicUrl,
      host: 'rios.example.org',
    });
    await gateway.stop();

    const cookies = [page, started].flatMap(({ headers }) => headers['set-cookie'] ?? []);
    expect(cookies).to.have.length.above(2);
    for (const one of cookies) expect(one).to.match(/; ?secure/i);
    expect(device.verification_uri).to.equal(`${publicUrl}/oauth/device`);
    expect(fromPublic.status).to.equal(200);
  });

  it('error QUOTA_RATE: calls are counted on the address', async () => {
    const gateway = await startGateway(world.users.endpoints, {
      rate: { burst: 3, perSecond: 1 },
      clock: world.clock,
      openOauth: (publicUrl) => world.users.openOauth(publicUrl, silentLog),
    });
    const answers = [];
    for (let count = 0; count < 4; count++) answers.push(await poll(gateway, deviceCode));
    await gateway.stop();

    expect(answers.map(({ status }) => status)).to.deep.equal([400, 400, 400, 429]);
    expect(answers[3]?.error()).to.include({ code: 'QUOTA_RATE' });
    expect(answers[3]?.headers).to.include({ 'retry-after': '1' });
  });

  it('error: a form from another site, or without what our page put into it, does nothing', async () => {
    const asked = hiddenOf(await logIn());
    const allow = { ...asked, decision: 'allow' };
    const stranger = createBrowser();
    const attempts = [
      browser.post(world.one, PATH, allow, { origin: 'https://evil.example' }),
      browser.post(world.one, PATH, allow, { origin: 'null' }),
      browser.post(world.one, PATH, allow, { 'sec-fetch-site': 'cross-site' }),
      browser.post(world.one, PATH, { ...allow, guard: 'A'.repeat(43) }),
      browser.post(world.one, PATH, { ...allow, guard: '' }),
      // the ticket was stolen, the browser is another
      stranger.post(world.one, PATH, allow),
    ];
    for (const answer of await Promise.all(attempts)) expect(answer.status).to.equal(403);
    await stranger.get(world.one, PATH);
    const own = hiddenOf(await stranger.get(world.one, PATH));
    expect((await stranger.post(world.one, PATH, { ...allow, ...own })).status).to.equal(401);
    const login = { user_code: userCode, email: ADA, password: PASSWORD };
    expect((await browser.post(world.one, PATH, login)).status).to.equal(403);

    expect(await isPending()).to.equal(true);
  });

  it('error: a login for one code answers no other, lasts five minutes, and ends with the password', async () => {
    const asked = { ...hiddenOf(await logIn()), decision: 'allow' };
    const other = await beginDevice(world.one);
    expect((await browser.post(world.one, PATH, { ...asked, user_code: other.user_code })).status).to.equal(
      401,
    );
    expect((await browser.post(world.one, PATH, { ...asked, ticket: `${asked.decision}x` })).status).to.equal(
      401,
    );
    const body = { password: PASSWORD, newPassword: `${PASSWORD} more` };
    await call(world.one, 'POST', '/v1/account/password', ada.accessToken, body);
    expect((await browser.post(world.one, PATH, asked)).status).to.equal(401);

    const again = { ...hiddenOf(await logIn({ password: body.newPassword })), decision: 'allow' };
    world.clock.advance(300_001);
    expect((await browser.post(world.one, PATH, again)).status).to.equal(401);
    expect(await isPending()).to.equal(true);
  });

  it('error: wrong passwords lock the account as they do elsewhere, and known and unknown look alike', async () => {
    const answers = [];
    for (let guess = 0; guess < 6; guess++) answers.push(await logIn({ password: 'not the right password' }));
    const unknown = await logIn({ email: 'nobody@example.org', password: 'not the right password' });
    const [first] = answers;

    expect(answers.map(({ status }) => status)).to.deep.equal([401, 401, 401, 401, 401, 429]);
    expect(unknown.status).to.equal(401);
    expect(unknown.text.replaceAll('nobody@example.org', ADA)).to.equal(first?.text);
    expect((await logIn()).status).to.equal(429);
  });

  it('error: a wrong code on the page says so, and tells nothing else', async () => {
    const answer = await logIn({ user_code: 'BBBB-BBBB' });

    expect(answer.status).to.equal(404);
    expect(answer.text).to.contain('no device waits with this code');
  });

  it('behaviour: hostile text is shown as text', async () => {
    const hostile = `"><script>alert(1)</script>'&`;
    const linked = await browser.get(world.one, `${PATH}?user_code=${encodeURIComponent(hostile)}`);
    const typed = await logIn({ user_code: hostile, email: hostile });
    const { view } = await register(world.one, ada, { name: hostile, redirectUris: [REDIRECT] });
    const query = new URLSearchParams({
      client_id: view.id,
      response_type: 'code',
      redirect_uri: REDIRECT,
      scope: 'status',
      code_challenge: createPkce().challenge,
      code_challenge_method: 'S256',
    });
    const path = locationOf(await browser.get(world.one, `/oauth/authorize?${query}`)).pathname;
    const asked = await browser.get(world.one, path);
    const named = await browser.get(world.one, `/oauth/authorize?client_id=${encodeURIComponent(hostile)}`);

    for (const { text } of [linked, typed, asked, named]) expect(text).to.not.contain('<script');
    expect(asked.text).to.contain(escapeHtml(hostile));
    expect(linked.text).to.contain('&quot;&gt;&lt;script');
  });

  it('error NOT_FOUND: the interaction of another browser, and what the library has beside', async () => {
    const paths = [
      '/oauth/interaction/abc',
      '/oauth/end-session',
      '/oauth/end-session/confirm',
      '/oauth/device/abc',
      '/oauth',
    ];
    for (const path of paths) {
      expect((await browser.get(world.one, path)).status, path).to.equal(404);
      expect((await browser.post(world.one, path, {})).status, path).to.equal(404);
    }
  });
});
