import type { SessionTokens } from '@rios/sdk/schema/account';
import type { OutsideIdentityView, StartedOutside } from '@rios/sdk/schema/outside';
import { expect } from 'chai';
import { generate } from 'otplib';
import { logIn, PASSWORD } from '../world.ts';
import { type OidcIssuer, startOidcIssuer } from './oidc-issuer.ts';
import { createOutsideWorld, type OutsideWorld } from './outside-world.ts';

const ADA = 'ada@example.org';
const BOB = 'bob@example.org';

describe('users: linking outside identities', () => {
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
  const beginLink = (token: string, body: object = { password: PASSWORD }) =>
    outside.send('POST', '/v1/auth/outside/lab/link', body, token);
  const finish = ({ claim }: StartedOutside, token: string) =>
    outside.send('POST', '/v1/account/outside', { claim }, token);
  const link = async (token: string) => {
    const started = (await beginLink(token)).json() as StartedOutside;
    await outside.agree(started);
    return finish(started, token);
  };
  const identities = async (token: string) =>
    (
      (await outside.send('GET', '/v1/account/outside', undefined, token)).json() as {
        identities: OutsideIdentityView[];
      }
    ).identities;
  const whoami = async ({ accessToken }: SessionTokens) =>
    (await outside.send('GET', '/v1/whoami', undefined, accessToken)).json() as { email: string };

  /** Turns the second factor on; gives what makes its codes. */
  async function enableTotp(
    accessToken: string,
  ): Promise<{ code: () => Promise<string>; recovery: string[] }> {
    const { world } = outside;
    const body = { password: PASSWORD };
    const { secret } = (await world.call('enrolTotp', { body, token: accessToken })) as { secret: string };
    const code = async () => {
      world.clock.advance(30_000);
      return generate({ secret, epoch: Math.floor(world.clock.now() / 1000) });
    };
    const confirmed = await world.call('confirmTotp', { body: { code: await code() }, token: accessToken });
    return { code, recovery: (confirmed as { recoveryCodes: string[] }).recoveryCodes };
  }

  it('default: an identity that a person linked opens the account from then on', async () => {
    const { accessToken } = await outside.world.join(BOB);
    const linked = (await link(accessToken)).json();

    expect(linked).to.include({ login: 'lab', issuer: issuer.url, email: ADA });
    expect(await identities(accessToken)).to.have.length(1);
    expect((await whoami(await outside.logIn())).email).to.equal(BOB);
    expect(await outside.world.store.selectFrom('users').select('email').execute()).to.have.length(1);
  });

  it('behaviour: the page says which account it would open; the account is told by mail', async () => {
    const { accessToken } = await outside.world.join(BOB);
    const started = (await beginLink(accessToken)).json() as StartedOutside;
    const page = await outside.open(await outside.browse(started));
    await outside.press(page);
    await finish(started, accessToken);
    await outside.world.users.stop();

    expect(page.text).to.contain(BOB).and.contain('would open the RiOS account');
    expect(outside.world.mails.at(-1)).to.include({
      to: BOB,
      subject: 'RiOS: another way to log in was added',
    });
  });

  it('behaviour: the address of an account links nothing by itself; its person can (no takeover)', async () => {
    const { accessToken } = await outside.world.join(ADA);
    const started = await outside.start();
    await outside.agree(started);
    expect(codeOf(await outside.complete(started))).to.equal('AUTH_OUTSIDE_UNLINKED');

    expect((await link(accessToken)).status).to.equal(200);
    expect((await whoami(await outside.logIn())).email).to.equal(ADA);
  });

  it('behaviour: linking again changes nothing', async () => {
    const { accessToken } = await outside.world.join(BOB);
    const first = (await link(accessToken)).json();
    expect((await link(accessToken)).json()).to.deep.equal(first);
  });

  it('behaviour: the second factor is asked for after an outside login, and the claim stays good', async () => {
    const { accessToken } = await outside.world.join(BOB);
    await link(accessToken);
    const { code, recovery } = await enableTotp(accessToken);
    const started = await outside.start();
    await outside.agree(started);

    expect(codeOf(await outside.complete(started))).to.equal('AUTH_SECOND_FACTOR');
    expect(codeOf(await outside.complete(started, '000000'))).to.equal('AUTH_LOGIN_FAILED');
    expect((await outside.complete(started, await code())).status).to.equal(200);
    const again = await outside.start();
    await outside.agree(again);
    expect((await outside.complete(again, recovery[0])).status).to.equal(200);
  });

  it('error AUTH_TOO_MANY_ATTEMPTS: codes cannot be guessed with a claim', async () => {
    const { accessToken } = await outside.world.join(BOB);
    await link(accessToken);
    await enableTotp(accessToken);
    const started = await outside.start();
    await outside.agree(started);
    const codes: unknown[] = [];
    for (let guess = 0; guess < 7; guess++)
      codes.push(codeOf(await outside.complete(started, `00000${guess}`)));

    expect(codes.at(-1)).to.equal('AUTH_TOO_MANY_ATTEMPTS');
  });

  it('error AUTH_PASSWORD_NEEDED, AUTH_LOGIN_FAILED, AUTH_SECOND_FACTOR: a session alone cannot link', async () => {
    const { accessToken } = await outside.world.join(BOB);
    expect(codeOf(await beginLink(accessToken, {}))).to.equal('AUTH_PASSWORD_NEEDED');
    expect(codeOf(await beginLink(accessToken, { password: 'a wrong one' }))).to.equal('AUTH_LOGIN_FAILED');
    await enableTotp(accessToken);
    expect(codeOf(await beginLink(accessToken))).to.equal('AUTH_SECOND_FACTOR');
  });

  it('error AUTH_FORBIDDEN: an API token links, unlinks and logs in nothing', async () => {
    const { accessToken } = await outside.world.join(BOB);
    const body = { name: 'ci', scopes: ['account'], ttlMs: 60_000 };
    const made = (await outside.world.call('createToken', { body, token: accessToken })) as { token: string };
    const claim = `rioso_${'A'.repeat(43)}`;

    expect(codeOf(await beginLink(made.token))).to.equal('AUTH_FORBIDDEN');
    expect(codeOf(await finish({ claim } as StartedOutside, made.token))).to.equal('AUTH_FORBIDDEN');
    const unlink = await outside.send('DELETE', '/v1/account/outside/oid_0000000000', undefined, made.token);
    expect(codeOf(unlink)).to.equal('AUTH_FORBIDDEN');
  });

  it('error AUTH_OUTSIDE_ENDED: a claim to link is good for its account alone, and for no login', async () => {
    const { accessToken } = await outside.world.join(BOB);
    const mallory = await outside.world.join('mallory@example.org');
    const started = (await beginLink(accessToken)).json() as StartedOutside;
    await outside.agree(started);

    expect(codeOf(await outside.complete(started))).to.equal('AUTH_OUTSIDE_ENDED');
    expect(codeOf(await finish(started, mallory.accessToken))).to.equal('AUTH_OUTSIDE_ENDED');
    const login = await outside.start();
    await outside.agree(login);
    expect(codeOf(await finish(login, mallory.accessToken))).to.equal('AUTH_OUTSIDE_ENDED');
    expect((await finish(started, accessToken)).status).to.equal(200);
  });

  it('error CONFLICT_EXISTS: an identity that opens another account', async () => {
    await outside.logIn();
    const { accessToken } = await outside.world.join(BOB);
    expect(codeOf(await link(accessToken))).to.equal('CONFLICT_EXISTS');
  });

  it('behaviour: an identity that was unlinked opens nothing; the account is told', async () => {
    const { accessToken } = await outside.world.join(BOB);
    const { id } = (await link(accessToken)).json() as OutsideIdentityView;
    const other = await outside.world.join('other@example.org');
    const path = `/v1/account/outside/${id}`;

    expect((await outside.send('DELETE', path, undefined, other.accessToken)).status).to.equal(404);
    expect((await outside.send('DELETE', path, undefined, accessToken)).status).to.equal(200);
    expect((await outside.send('DELETE', path, undefined, accessToken)).status).to.equal(404);
    await outside.world.users.stop();
    expect(outside.world.mails.at(-1)?.subject).to.contain('removed');
    expect((await whoami(await outside.logIn())).email).to.equal(ADA);
  });

  it('error CONFLICT_LAST_LOGIN: what alone opens an account stays, until it has a password', async () => {
    const { accessToken } = await outside.logIn();
    const [identity] = await identities(accessToken);
    const unlink = (token: string) =>
      outside.send('DELETE', `/v1/account/outside/${identity?.id}`, undefined, token);
    expect(codeOf(await unlink(accessToken))).to.equal('CONFLICT_LAST_LOGIN');
    expect(await identities(accessToken)).to.have.length(1);

    await outside.world.call('requestReset', { body: { email: ADA } });
    const token = await outside.world.mailedTo(ADA);
    await outside.world.call('resetPassword', { body: { token, password: PASSWORD } });
    const session = await logIn(outside.world, ADA);
    expect((await unlink(session.accessToken)).status).to.equal(200);
  });

  it('behaviour: each link, unlink and login stands in the audit log', async () => {
    const { accessToken } = await outside.logIn();
    await identities(accessToken);
    const rows = await outside.world.store.selectFrom('audit_entries').select('action').execute();
    expect(rows.map(({ action }) => action)).to.deep.equal([
      'account.created',
      'outside.linked',
      'session.created',
    ]);
  });
});
