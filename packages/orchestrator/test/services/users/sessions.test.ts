import { expect } from 'chai';
import { expectError } from '../../support/expect-error.ts';
import { createWorld, logIn, PASSWORD, type World } from './world.ts';

const ADA = 'ada@example.org';

describe('users: sessions', () => {
  let world: World;
  beforeEach(async () => {
    world = await createWorld();
  });
  afterEach(() => world.close());
  const refresh = (refreshToken: string) =>
    world.call('refreshSession', { body: { refreshToken } }) as ReturnType<typeof logIn>;

  it('default: a refresh token gives new tokens, and the store has only its hash', async () => {
    const first = await world.join(ADA);
    const second = await refresh(first.refreshToken);
    const third = await refresh(second.refreshToken);

    expect(third.sessionId).to.equal(first.sessionId);
    expect(await world.users.authenticate(third.accessToken)).to.include({ tokenKind: 'session' });
    const rows = JSON.stringify(await world.store.selectFrom('refresh_tokens').selectAll().execute());
    expect(rows).to.not.contain(third.refreshToken);
  });

  it('error AUTH_SESSION_ENDED: a replayed refresh token ends its whole family, and no other session', async () => {
    const stolen = await world.join(ADA);
    const other = await logIn(world, ADA);
    const next = await refresh(stolen.refreshToken);
    await expectError(refresh(stolen.refreshToken), 'AUTH_SESSION_ENDED');

    await expectError(refresh(next.refreshToken), 'AUTH_SESSION_ENDED');
    expect(await world.users.authenticate(next.accessToken)).to.equal(undefined);
    expect(await world.users.authenticate(other.accessToken)).to.include({ sessionId: other.sessionId });
    const actions = await world.store.selectFrom('audit_entries').select('action').execute();
    expect(actions.map(({ action }) => action)).to.contain('session.reuse');
  });

  it('behaviour: of simultaneous refreshes with one token one is served at most', async () => {
    const { refreshToken } = await world.join(ADA);
    const outcomes = await Promise.allSettled(Array.from({ length: 8 }, () => refresh(refreshToken)));

    expect(outcomes.filter(({ status }) => status === 'fulfilled').length).to.equal(1);
  });

  it('behaviour: a revoked session ends at once, a logout too', async () => {
    const first = await world.join(ADA);
    const second = await logIn(world, ADA);
    const { sessions } = (await world.call('listSessions', { token: second.accessToken })) as {
      sessions: { id: string; current: boolean }[];
    };
    expect(sessions.map(({ id, current }) => [id, current])).to.have.deep.members([
      [first.sessionId, false],
      [second.sessionId, true],
    ]);

    await world.call('revokeSession', { params: { id: first.sessionId }, token: second.accessToken });
    expect(await world.users.authenticate(first.accessToken)).to.equal(undefined);
    await world.call('logout', { token: second.accessToken });
    expect(await world.users.authenticate(second.accessToken)).to.equal(undefined);
    await expectError(refresh(second.refreshToken), 'AUTH_SESSION_ENDED');
  });

  it("error NOT_FOUND: another account's session cannot be ended or told from a missing one", async () => {
    const ada = await world.join(ADA);
    const eve = await world.join('eve@example.org');
    const theirs = await expectError(
      world.call('revokeSession', { params: { id: ada.sessionId }, token: eve.accessToken }),
      'NOT_FOUND',
    );
    const missing = await expectError(
      world.call('revokeSession', { params: { id: 'ses_0000000000' }, token: eve.accessToken }),
      'NOT_FOUND',
    );

    expect(theirs.message).to.equal(missing.message);
    expect(await world.users.authenticate(ada.accessToken)).to.include({ sessionId: ada.sessionId });
  });

  it('error AUTH_SESSION_ENDED: thirty days after the login, however often it was refreshed', async () => {
    let tokens = await world.join(ADA);
    world.clock.advance(29 * 86_400_000);
    tokens = await refresh(tokens.refreshToken);
    world.clock.advance(86_400_000);

    await expectError(refresh(tokens.refreshToken), 'AUTH_SESSION_ENDED');
    await expectError(refresh(`riosr_${'A'.repeat(43)}`), 'AUTH_SESSION_ENDED');
  });

  it('behaviour: a changed password ends the other sessions; the wrong one changes nothing', async () => {
    const first = await world.join(ADA);
    const second = await logIn(world, ADA);
    const newPassword = 'marble otter 19 lantern';
    await expectError(
      world.call('changePassword', { body: { password: 'wrong', newPassword }, token: second.accessToken }),
      'AUTH_LOGIN_FAILED',
    );
    await world.call('changePassword', {
      body: { password: PASSWORD, newPassword },
      token: second.accessToken,
    });

    expect(await world.users.authenticate(first.accessToken)).to.equal(undefined);
    expect(await world.users.authenticate(second.accessToken)).to.include({ sessionId: second.sessionId });
    await logIn(world, ADA, { password: newPassword });
  });
});
