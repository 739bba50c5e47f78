import type { RiosError } from '@rios/sdk/errors/error';
import { expect } from 'chai';
import { createPasswordHasher } from '../../../src/auth/password-hash.ts';
import { login } from '../../../src/services/users/login.ts';
import type { UserModules } from '../../../src/services/users/modules.ts';
import { expectError } from '../../support/expect-error.ts';
import { ADDRESS, createWorld, logIn, PASSWORD, type World } from './world.ts';

const ADA = 'ada@example.org';
const WRONG = 'not the right password';

/** Microseconds of CPU that the process spends while `work` runs. */
async function cpuOf(work: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return user + system;
}

describe('users: login', () => {
  let world: World;
  beforeEach(async () => {
    world = await createWorld();
  });
  afterEach(() => world.close());

  it('error AUTH_LOGIN_FAILED: an unknown address, an unverified one and a wrong password are told alike', async () => {
    await world.join(ADA);
    await world.call('signUp', { body: { email: 'new@example.org', password: PASSWORD, displayName: 'N' } });
    const bodyOf = ({ code, message, hint, details }: RiosError) => ({ code, message, hint, details });
    const failures = [
      await expectError(logIn(world, ADA, { password: WRONG }), 'AUTH_LOGIN_FAILED'),
      await expectError(logIn(world, 'nobody@example.org'), 'AUTH_LOGIN_FAILED'),
      await expectError(logIn(world, 'new@example.org'), 'AUTH_LOGIN_FAILED'),
    ];

    expect(new Set(failures.map((error) => JSON.stringify(bodyOf(error)))).size).to.equal(1);
  });

  it('behaviour: an unknown address costs an argon2 of the same settings too', async () => {
    const hasher = createPasswordHasher();
    const stored = await hasher.hash(PASSWORD);
    const rounds: { known: number; unknown: number }[] = [];
    for (let round = 0; round < 5; round++) {
      rounds.push({
        known: await cpuOf(() => hasher.verify(stored, WRONG)),
        unknown: await cpuOf(() => hasher.verify(undefined, WRONG)),
      });
    }
    const least = (of: 'known' | 'unknown') => Math.min(...rounds.map((round) => round[of]));

    // an answer without the work would be a thousand times cheaper; the least of five is not disturbed by others
    expect(least('unknown') / least('known')).to.be.within(0.2, 5);
  });

  it('behaviour: the hasher is asked once, whether the address is known or not', async () => {
    await world.join(ADA);
    const asked: (string | undefined)[] = [];
    const hasher: UserModules['hasher'] = {
      hash: async () => '',
      verify: async (hash) => {
        asked.push(hash?.slice(0, 9));
        return false;
      },
    };
    const modules = { ...world, hasher } as unknown as UserModules;
    const given = { password: WRONG, client: 'test' };
    await expectError(login(modules, { ...given, email: ADA }, ADDRESS), 'AUTH_LOGIN_FAILED');
    await expectError(login(modules, { ...given, email: 'no@example.org' }, ADDRESS), 'AUTH_LOGIN_FAILED');

    expect(asked).to.deep.equal(['$argon2id', undefined]);
  });

  it('error AUTH_TOO_MANY_ATTEMPTS: five guesses lock the address, the right password too, then twice as long', async () => {
    await world.join(ADA);
    for (let guess = 0; guess < 5; guess++) {
      await expectError(logIn(world, ADA, { password: WRONG }), 'AUTH_LOGIN_FAILED');
    }
    const locked = await expectError(logIn(world, ADA), 'AUTH_TOO_MANY_ATTEMPTS');
    expect(locked.details).to.deep.equal({ retryAfterMs: 30_000 });

    world.clock.advance(30_000);
    await expectError(logIn(world, ADA, { password: WRONG }), 'AUTH_LOGIN_FAILED');
    const again = await expectError(logIn(world, ADA), 'AUTH_TOO_MANY_ATTEMPTS');
    expect(again.details).to.deep.equal({ retryAfterMs: 60_000 });

    world.clock.advance(60_000);
    await logIn(world, ADA);
    await logIn(world, ADA);
  });

  it('behaviour: guesses made at the same time are counted each', async () => {
    await world.join(ADA);
    const codes = await Promise.all(
      Array.from({ length: 20 }, () =>
        logIn(world, ADA, { password: WRONG }).then(
          () => 'in',
          (error: RiosError) => error.code,
        ),
      ),
    );

    expect(codes.filter((code) => code === 'AUTH_LOGIN_FAILED').length).to.equal(5);
    expect(codes.filter((code) => code === 'AUTH_TOO_MANY_ATTEMPTS').length).to.equal(15);
  });

  it('behaviour: an unknown address is locked like a known one', async () => {
    for (let guess = 0; guess < 5; guess++) {
      await expectError(logIn(world, 'nobody@example.org'), 'AUTH_LOGIN_FAILED');
    }
    await expectError(logIn(world, 'nobody@example.org'), 'AUTH_TOO_MANY_ATTEMPTS');
  });

  it('error AUTH_TOO_MANY_ATTEMPTS: one network address that tries many accounts is locked, others are not', async () => {
    await world.join(ADA);
    for (let guess = 0; guess < 30; guess++) {
      await world
        .call('verifyEmail', { body: { token: `riosm_${'A'.repeat(43)}` }, address: '203.0.113.9' })
        .catch(() => {});
    }
    await expectError(logIn(world, ADA, { address: '203.0.113.9' }), 'AUTH_TOO_MANY_ATTEMPTS');
    await logIn(world, ADA);
  });
});
