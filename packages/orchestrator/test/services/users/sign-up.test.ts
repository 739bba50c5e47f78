import { expect } from 'chai';
import { expectError } from '../../support/expect-error.ts';
import { createWorld, logIn, PASSWORD, type World } from './world.ts';

const ADA = 'ada@example.org';

describe('users: sign up, verify, reset', () => {
  let world: World;
  beforeEach(async () => {
    world = await createWorld();
  });
  afterEach(() => world.close());
  const signUp = (email: string, over: { password?: string; address?: string } = {}) =>
    world.call('signUp', {
      body: { email, password: over.password ?? PASSWORD, displayName: 'Ada' },
      ...(over.address === undefined ? {} : { address: over.address }),
    });

  it('default: the mailed token makes the account, which may log in as a developer', async () => {
    expect(await signUp(ADA)).to.deep.equal({ ok: true });
    await world.call('verifyEmail', { body: { token: await world.mailedTo(ADA) } });
    const { accessToken } = await logIn(world, ADA);

    const who = await world.call('whoami', { token: accessToken });
    expect(who).to.deep.include({ email: ADA, role: 'developer', tokenKind: 'session', totp: false });
  });

  it('behaviour: the store never sees a password or a token', async () => {
    await signUp(ADA);
    const token = await world.mailedTo(ADA);
    const rows = JSON.stringify(await world.store.selectFrom('mail_tokens').selectAll().execute());

    expect(rows).to.not.contain(token).and.not.contain(PASSWORD);
    expect(rows).to.contain('$argon2id$v=19$');
  });

  it('behaviour: one mailbox is one account, however it is written', async () => {
    await world.join('Ada@EXAMPLE.org');
    await signUp('ADA@example.ORG');
    await world.settled();

    expect(world.mails.at(-1)).to.include({ to: ADA, subject: 'RiOS: you have an account already' });
    expect(await world.store.selectFrom('users').select('email').execute()).to.deep.equal([{ email: ADA }]);
  });

  it('behaviour: a known address is answered like a new one, and its account stays as it is', async () => {
    await world.join(ADA);
    const answer = await signUp(ADA, { password: 'another one entirely 77' });

    expect(answer).to.deep.equal(await signUp('new@example.org'));
    await world.settled();
    expect(world.mails.filter(({ text }) => text.includes('riosm_')).length).to.equal(2);
    await logIn(world, ADA);
    await expectError(logIn(world, ADA, { password: 'another one entirely 77' }), 'AUTH_LOGIN_FAILED');
  });

  it('behaviour: who verifies gets the password they chose, not that of whoever asked first', async () => {
    await signUp(ADA, { password: 'the squatter was here 1' });
    await signUp(ADA);
    await world.call('verifyEmail', { body: { token: await world.mailedTo(ADA) } });

    await logIn(world, ADA);
    await expectError(logIn(world, ADA, { password: 'the squatter was here 1' }), 'AUTH_LOGIN_FAILED');
  });

  it('error AUTH_MAIL_TOKEN_INVALID: used, expired, superseded or for something else', async () => {
    await signUp(ADA);
    const first = await world.mailedTo(ADA);
    await signUp(ADA);
    await world.call('verifyEmail', { body: { token: await world.mailedTo(ADA) } });
    await signUp('late@example.org');
    const late = await world.mailedTo('late@example.org');
    await world.call('requestReset', { body: { email: ADA } });
    const reset = await world.mailedTo(ADA);
    world.clock.advance(86_400_000);

    for (const token of [first, late, reset, `riosm_${'A'.repeat(43)}`]) {
      await expectError(world.call('verifyEmail', { body: { token } }), 'AUTH_MAIL_TOKEN_INVALID');
    }
  });

  it('error AUTH_TOO_MANY_ATTEMPTS: nobody can have an address flooded, and known ones are refused alike', async () => {
    await world.join(ADA);
    const outcomes = await Promise.all(
      [ADA, 'nobody@example.org'].map(async (email, index) => {
        const codes: string[] = [];
        for (let sent = 0; sent < 7; sent++) {
          const asked = world.call('requestReset', { body: { email }, address: `192.0.2.${index}` });
          codes.push(
            await asked.then(
              () => 'ok',
              (error: { code: string }) => error.code,
            ),
          );
        }
        return codes;
      }),
    );

    expect(outcomes[1]).to.deep.equal([...Array(5).fill('ok'), ...Array(2).fill('AUTH_TOO_MANY_ATTEMPTS')]);
    // Ada's sign-up was one of her five.
    expect(outcomes[0]).to.deep.equal([...Array(4).fill('ok'), ...Array(3).fill('AUTH_TOO_MANY_ATTEMPTS')]);
  });

  it('error USER_PASSWORD_WEAK: refused before anything is stored', async () => {
    for (const password of ['short', 'password1234', 'aaaaaaaaaaaaaaaa']) {
      await expectError(signUp(ADA, { password }), 'USER_PASSWORD_WEAK');
    }
    expect(await world.store.selectFrom('mail_tokens').selectAll().execute()).to.deep.equal([]);
  });

  it('behaviour: a reset sets the password once and ends every session', async () => {
    const { accessToken, refreshToken } = await world.join(ADA);
    await world.call('requestReset', { body: { email: ADA } });
    const token = await world.mailedTo(ADA);
    const body = { token, password: 'quite another kettle 8' };
    await expectError(
      world.call('resetPassword', { body: { token, password: 'password1234' } }),
      'USER_PASSWORD_WEAK',
    );
    await world.call('resetPassword', { body });

    expect(await world.users.authenticate(accessToken)).to.equal(undefined);
    await expectError(world.call('refreshSession', { body: { refreshToken } }), 'AUTH_SESSION_ENDED');
    await expectError(world.call('resetPassword', { body }), 'AUTH_MAIL_TOKEN_INVALID');
    await expectError(logIn(world, ADA), 'AUTH_LOGIN_FAILED');
    await logIn(world, ADA, { password: body.password });
  });

  it('behaviour: a reset of an address that nobody has is answered alike, and no mail goes out', async () => {
    const answer = await world.call('requestReset', { body: { email: 'nobody@example.org' } });
    await world.settled();

    expect(answer).to.deep.equal({ ok: true });
    expect(world.mails).to.deep.equal([]);
    const [row] = await world.store.selectFrom('mail_tokens').selectAll().execute();
    expect(row).to.include({ email: 'nobody@example.org', purpose: 'reset' });
  });
});
