import type { TokenView, Whoami } from '@rios/sdk/schema/account';
import { expect } from 'chai';
import { expectError } from '../../support/expect-error.ts';
import { createWorld, type World } from './world.ts';

const ADA = 'ada@example.org';

describe('users: API tokens', () => {
  let world: World;
  let session: string;
  beforeEach(async () => {
    world = await createWorld();
    session = (await world.join(ADA)).accessToken;
  });
  afterEach(() => world.close());
  const create = async (over: object = {}, token = session) => {
    const body = { name: 'ci', scopes: ['inference'], ttlMs: 60_000, ...over };
    return (await world.call('createToken', { body, token })) as { token: string; view: TokenView };
  };

  it('default: shown once, stored hashed, with the scopes it was made for and no other', async () => {
    const { token } = await create({ scopes: ['inference', 'status'] });
    const principal = await world.users.authenticate(token);
    const { tokens } = (await world.call('listTokens', { token: session })) as { tokens: TokenView[] };

    expect(token).to.match(/^rios_[A-Za-z0-9_-]{43}$/);
    expect([...(principal?.scopes ?? [])]).to.have.members(['inference', 'status']);
    expect(principal).to.include({ tokenKind: 'api', sessionId: null, role: 'developer' });
    expect(tokens).to.have.length(1);
    expect(tokens[0]).to.include({ name: 'ci', state: 'valid', lastUsedAt: world.clock.now() });
    const rows = JSON.stringify(await world.store.selectFrom('user_tokens').selectAll().execute());
    expect(rows).to.not.contain(token);
  });

  it('behaviour: expired and revoked tokens open nothing', async () => {
    const short = await create();
    const long = await create({ ttlMs: 3_600_000 });
    await world.call('revokeToken', { params: { id: long.view.id }, token: session });
    world.clock.advance(60_000);

    expect(await world.users.authenticate(short.token)).to.equal(undefined);
    expect(await world.users.authenticate(long.token)).to.equal(undefined);
    const { tokens } = (await world.call('listTokens', { token: session })) as { tokens: TokenView[] };
    expect(tokens.map(({ state }) => state)).to.have.members(['expired', 'revoked']);
  });

  it('error AUTH_FORBIDDEN: no scope that the role lacks, and tokens beget no tokens', async () => {
    await expectError(create({ scopes: ['inference', 'workers'] }), 'AUTH_FORBIDDEN');
    await expectError(create({ scopes: ['audit'] }), 'AUTH_FORBIDDEN');
    const { token } = await create({ scopes: ['account'] });
    await expectError(create({}, token), 'AUTH_FORBIDDEN');
    await expectError(world.call('updateProfile', { body: { displayName: 'Eve' }, token }), 'AUTH_FORBIDDEN');
  });

  it('behaviour: a lowered role takes scopes from tokens that have them', async () => {
    const { token } = await create({ scopes: ['inference', 'status'] });
    await world.store.updateTable('users').set({ role: 'viewer' }).where('email', '=', ADA).execute();

    const principal = await world.users.authenticate(token);
    expect([...(principal?.scopes ?? [])]).to.deep.equal(['status']);
  });

  it("error NOT_FOUND: another account's token cannot be revoked or told from a missing one", async () => {
    const { token, view } = await create();
    const eve = (await world.join('eve@example.org')).accessToken;
    const theirs = await expectError(
      world.call('revokeToken', { params: { id: view.id }, token: eve }),
      'NOT_FOUND',
    );
    const missing = await expectError(
      world.call('revokeToken', { params: { id: 'tok_0000000000' }, token: eve }),
      'NOT_FOUND',
    );

    expect(theirs.message).to.equal(missing.message);
    expect(await world.call('listTokens', { token: eve })).to.deep.equal({ tokens: [] });
    expect(await world.users.authenticate(token)).to.include({ tokenKind: 'api' });
  });

  it('error QUOTA_TOKENS: a hundred valid ones at most', async () => {
    for (let made = 0; made < 100; made++) await create();
    await expectError(create(), 'QUOTA_TOKENS');
    world.clock.advance(60_000);
    await create();
  });

  it('behaviour: whoami tells what the token may', async () => {
    const { token } = await create({ scopes: ['status'] });
    const who = (await world.call('whoami', { token })) as Whoami;

    expect(who).to.deep.include({ email: ADA, tokenKind: 'api', scopes: ['status'] });
  });
});
