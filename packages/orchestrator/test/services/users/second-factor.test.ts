import { expect } from 'chai';
import { generate } from 'otplib';
import { expectError } from '../../support/expect-error.ts';
import { createWorld, logIn, PASSWORD, type World } from './world.ts';

const ADA = 'ada@example.org';

describe('users: second factor', () => {
  let world: World;
  let token: string;
  beforeEach(async () => {
    world = await createWorld();
    token = (await world.join(ADA)).accessToken;
  });
  afterEach(() => world.close());
  const codeOf = (secret: string, offsetMs = 0) =>
    generate({ secret, epoch: Math.floor((world.clock.now() + offsetMs) / 1000) });
  const enrol = async () => {
    const { secret, uri } = (await world.call('enrolTotp', { body: { password: PASSWORD }, token })) as {
      secret: string;
      uri: string;
    };
    return { secret, uri };
  };
  /** On, with a later step than the one that confirmed it. */
  const turnOn = async () => {
    const { secret } = await enrol();
    const answer = await world.call('confirmTotp', { body: { code: await codeOf(secret) }, token });
    world.clock.advance(60_000);
    return { secret, recoveryCodes: (answer as { recoveryCodes: string[] }).recoveryCodes };
  };

  it('default: after the confirmation a login needs the code', async () => {
    const { secret } = await turnOn();

    await expectError(logIn(world, ADA), 'AUTH_SECOND_FACTOR');
    const { accessToken } = await logIn(world, ADA, { code: await codeOf(secret) });
    expect(await world.call('whoami', { token: accessToken })).to.include({ totp: true });
  });

  it('behaviour: until it is confirmed a login needs none, and the URI is what apps scan', async () => {
    const { secret, uri } = await enrol();

    expect(new URL(uri).protocol).to.equal('otpauth:');
    expect(new URL(uri).searchParams.get('secret')).to.equal(secret);
    await logIn(world, ADA);
    await expectError(world.call('confirmTotp', { body: { code: '000000' }, token }), 'AUTH_SECOND_FACTOR');
    await logIn(world, ADA);
  });

  it('error AUTH_LOGIN_FAILED: a code works once, and only near its time', async () => {
    const { secret } = await turnOn();
    const code = await codeOf(secret);
    await logIn(world, ADA, { code });

    await expectError(logIn(world, ADA, { code }), 'AUTH_LOGIN_FAILED');
    await expectError(logIn(world, ADA, { code: await codeOf(secret, 300_000) }), 'AUTH_LOGIN_FAILED');
    await expectError(logIn(world, ADA, { code: await codeOf(secret, -60_000) }), 'AUTH_LOGIN_FAILED');
  });

  it('behaviour: the same code sent twice at once lets one in', async () => {
    const { secret } = await turnOn();
    const code = await codeOf(secret);
    const outcomes = await Promise.allSettled([logIn(world, ADA, { code }), logIn(world, ADA, { code })]);

    expect(outcomes.filter(({ status }) => status === 'fulfilled').length).to.equal(1);
  });

  it('behaviour: codes are guessed five times at most, with the right password too', async () => {
    await turnOn();
    for (let guess = 0; guess < 5; guess++) {
      await expectError(logIn(world, ADA, { code: `00000${guess}` }), 'AUTH_LOGIN_FAILED');
    }
    await expectError(logIn(world, ADA, { code: '000005' }), 'AUTH_TOO_MANY_ATTEMPTS');
  });

  it('behaviour: each of ten recovery codes works once; only hashes are stored', async () => {
    const { recoveryCodes } = await turnOn();
    const [first = '', second = ''] = recoveryCodes;
    const rows = JSON.stringify(await world.store.selectFrom('recovery_codes').selectAll().execute());

    expect(new Set(recoveryCodes).size).to.equal(10);
    expect(rows).to.not.contain(first);
    await logIn(world, ADA, { code: first });
    await expectError(logIn(world, ADA, { code: first }), 'AUTH_LOGIN_FAILED');
    await logIn(world, ADA, { code: second });
  });

  it('behaviour: the secret is sealed for its own row', async () => {
    const { secret } = await enrol();
    await world.join('eve@example.org');
    const row = await world.store
      .selectFrom('users')
      .selectAll()
      .where('email', '=', ADA)
      .executeTakeFirstOrThrow();
    expect(JSON.stringify(row)).to.not.contain(secret);

    await world.store
      .updateTable('users')
      .set({ totp_envelope: row.totp_envelope, totp_confirmed_at: 1 })
      .where('email', '=', 'eve@example.org')
      .execute();
    await expectError(logIn(world, 'eve@example.org', { code: await codeOf(secret) }), 'INTEGRITY_SECRET');
  });

  it('behaviour: turning it on or off needs the password, off needs a code as well', async () => {
    await expectError(world.call('enrolTotp', { body: { password: 'wrong' }, token }), 'AUTH_LOGIN_FAILED');
    const { secret } = await turnOn();
    const off = (body: object) => world.call('disableTotp', { body, token });
    await expectError(off({ password: 'wrong', code: await codeOf(secret) }), 'AUTH_LOGIN_FAILED');
    await expectError(off({ password: PASSWORD, code: '000000' }), 'AUTH_LOGIN_FAILED');
    await expectError(world.call('enrolTotp', { body: { password: PASSWORD }, token }), 'CONFLICT_EXISTS');
    await off({ password: PASSWORD, code: await codeOf(secret) });

    await logIn(world, ADA);
  });

  it('behaviour: recovery codes are renewed by password and code; the old ones end', async () => {
    const { secret, recoveryCodes } = await turnOn();
    const body = { password: PASSWORD, code: await codeOf(secret) };
    const renewed = (await world.call('renewRecoveryCodes', { body, token })) as { recoveryCodes: string[] };
    const [old = ''] = recoveryCodes;
    const [fresh = ''] = renewed.recoveryCodes;

    expect(renewed.recoveryCodes).to.have.length(recoveryCodes.length);
    await expectError(logIn(world, ADA, { code: old }), 'AUTH_LOGIN_FAILED');
    await logIn(world, ADA, { code: fresh });
    const wrong = { password: 'a wrong one', code: fresh };
    await expectError(world.call('renewRecoveryCodes', { body: wrong, token }), 'AUTH_LOGIN_FAILED');
  });

  it('error NOT_FOUND: recovery codes of an account without a second factor', async () => {
    const body = { password: PASSWORD, code: '000000' };
    await expectError(world.call('renewRecoveryCodes', { body, token }), 'NOT_FOUND');
  });
});
