import { RiosError } from '@rios/sdk/errors/error';
import type { OrgView, TokenView } from '@rios/sdk/schema/account';
import { expect } from 'chai';
import { checkAccess, mayAccess } from '../../../src/auth/ownership.ts';
import type { Principal } from '../../../src/auth/principal.ts';
import { expectError } from '../../support/expect-error.ts';
import { createWorld, type World } from './world.ts';

const ADA = 'ada@example.org';
const BOB = 'bob@example.org';

describe('users: organisations', () => {
  let world: World;
  let ada: string;
  let bob: string;
  let org: OrgView;
  beforeEach(async () => {
    world = await createWorld();
    ada = (await world.join(ADA)).accessToken;
    bob = (await world.join(BOB)).accessToken;
    org = (await world.call('createOrg', { body: { name: 'lab' }, token: ada })) as OrgView;
  });
  afterEach(() => world.close());
  const params = { name: 'lab' };
  const add = async (role: string) => {
    await world.call('inviteMember', { params, body: { email: BOB, role }, token: ada });
    return (await world.call('joinOrg', {
      body: { token: await world.mailedTo(BOB) },
      token: bob,
    })) as OrgView;
  };
  const principalOf = async (token: string): Promise<Principal> => {
    const found = await world.users.authenticate(token);
    if (found === undefined) throw new Error('the token is refused');
    return found;
  };

  it('default: the founder is admin; who accepts the mailed invitation is a member', async () => {
    const seen = await add('viewer');

    expect(seen).to.include({ name: 'lab', role: 'viewer' });
    expect(seen.members.map(({ email, role }) => [email, role])).to.deep.equal([
      [ADA, 'admin'],
      [BOB, 'viewer'],
    ]);
  });

  it('error AUTH_MAIL_TOKEN_INVALID: an invitation is for its own address, once', async () => {
    const eve = (await world.join('eve@example.org')).accessToken;
    await world.call('inviteMember', { params, body: { email: BOB, role: 'admin' }, token: ada });
    const token = await world.mailedTo(BOB);
    await expectError(world.call('joinOrg', { body: { token }, token: eve }), 'AUTH_MAIL_TOKEN_INVALID');

    await world.call('joinOrg', { body: { token }, token: bob });
    await expectError(world.call('joinOrg', { body: { token }, token: bob }), 'AUTH_MAIL_TOKEN_INVALID');
  });

  it('behaviour: an invitation does not tell whether the address has an account', async () => {
    const known = await world.call('inviteMember', {
      params,
      body: { email: BOB, role: 'viewer' },
      token: ada,
    });
    const unknown = await world.call('inviteMember', {
      params,
      body: { email: 'nobody@example.org', role: 'viewer' },
      token: ada,
    });

    expect(known).to.deep.equal(unknown);
    await world.settled();
    expect(world.mails.at(-1)?.to).to.equal('nobody@example.org');
  });

  it('error NOT_FOUND: to others it is not there', async () => {
    await expectError(
      world.call('inviteMember', { params, body: { email: 'x@example.org', role: 'viewer' }, token: bob }),
      'NOT_FOUND',
    );
    await expectError(world.call('removeMember', { params, body: { email: ADA }, token: bob }), 'NOT_FOUND');
    expect(await world.call('listOrgs', { token: bob })).to.deep.equal({ orgs: [] });
  });

  it('error AUTH_FORBIDDEN: members who are no admins change nothing but their own membership', async () => {
    await add('developer');
    await expectError(
      world.call('setMemberRole', { params, body: { email: BOB, role: 'admin' }, token: bob }),
      'AUTH_FORBIDDEN',
    );
    await expectError(
      world.call('removeMember', { params, body: { email: ADA }, token: bob }),
      'AUTH_FORBIDDEN',
    );
    await world.call('removeMember', { params, body: { email: BOB }, token: bob });
    expect(await world.call('listOrgs', { token: bob })).to.deep.equal({ orgs: [] });
  });

  it('error CONFLICT_LAST_ADMIN: an organisation keeps an admin', async () => {
    await add('viewer');
    await expectError(
      world.call('setMemberRole', { params, body: { email: ADA, role: 'viewer' }, token: ada }),
      'CONFLICT_LAST_ADMIN',
    );
    await expectError(
      world.call('removeMember', { params, body: { email: ADA }, token: ada }),
      'CONFLICT_LAST_ADMIN',
    );
    await world.call('setMemberRole', { params, body: { email: BOB, role: 'admin' }, token: ada });
    await world.call('removeMember', { params, body: { email: ADA }, token: ada });
  });

  it('error CONFLICT_EXISTS: a name is taken once', async () => {
    await expectError(world.call('createOrg', { body: { name: 'lab' }, token: bob }), 'CONFLICT_EXISTS');
  });

  it("behaviour: a token for it acts as it, by the member's role, until the member leaves", async () => {
    await add('developer');
    const make = async (scopes: string[]) =>
      (await world.call('createToken', {
        body: { name: 'ci', scopes, ttlMs: 60_000, org: 'lab' },
        token: bob,
      })) as { token: string; view: TokenView };
    const { token } = await make(['inference', 'models']);
    expect(await principalOf(token)).to.include({ accountId: org.id, role: 'developer' });

    await world.call('setMemberRole', { params, body: { email: BOB, role: 'viewer' }, token: ada });
    expect([...(await principalOf(token)).scopes]).to.deep.equal([]);
    await expectError(make(['models']), 'AUTH_FORBIDDEN');
    await world.call('removeMember', { params, body: { email: BOB }, token: ada });
    expect(await world.users.authenticate(token)).to.equal(undefined);
    await expectError(make(['status']), 'NOT_FOUND');
  });

  it('behaviour: the admin of an organisation is no admin of the network', async () => {
    const { token } = (await world.call('createToken', {
      body: { name: 'ci', scopes: ['status', 'account'], ttlMs: 60_000, org: 'lab' },
      token: ada,
    })) as { token: string };

    expect(await principalOf(token)).to.include({ role: 'developer' });
    await expectError(
      world.call('createToken', {
        body: { name: 'ci', scopes: ['network'], ttlMs: 60_000, org: 'lab' },
        token: ada,
      }),
      'AUTH_FORBIDDEN',
    );
  });

  it("behaviour: who may touch an organisation's and another account's objects", async () => {
    const eve = await principalOf((await world.join('eve@example.org')).accessToken);
    await add('viewer');
    const [adas, bobs] = [await principalOf(ada), await principalOf(bob)];
    const admin = { ...eve, role: 'admin' } as const;
    const missing = new RiosError('NOT_FOUND_MODEL', 'there is no model x');

    expect(await mayAccess(world.store, adas, org.id, 'change')).to.equal(true);
    expect(await mayAccess(world.store, bobs, org.id, 'read')).to.equal(true);
    expect(await mayAccess(world.store, bobs, org.id, 'change')).to.equal(false);
    expect(await mayAccess(world.store, eve, org.id, 'read')).to.equal(false);
    expect(await mayAccess(world.store, eve, adas.accountId, 'read')).to.equal(false);
    expect(await mayAccess(world.store, admin, adas.accountId, 'change')).to.equal(true);
    const object = { ownerId: org.id, access: 'change', missing } as const;
    await expectError(checkAccess(world.store, bobs, object), 'AUTH_FORBIDDEN');
    await expectError(checkAccess(world.store, eve, object), 'NOT_FOUND_MODEL');
  });
});
