import { expect } from 'chai';
import type { KyselyPlugin } from 'kysely';
import { openMemoryStore } from '../../support/seed-store.ts';
import { createWorld, PASSWORD, type World } from './world.ts';

const ADA = 'ada@example.org';
const NOBODY = 'nob@example.org';

/** Names each statement that goes to the store. */
function recordStatements(into: string[]): KyselyPlugin {
  return {
    transformQuery: ({ node }) => {
      into.push(node.kind);
      return node;
    },
    transformResult: async ({ result }) => result,
  };
}

describe('users: telling known addresses from unknown ones', () => {
  let world: World;
  let org: string;
  let token: string;
  const statements: string[] = [];
  beforeEach(async () => {
    world = await createWorld((await openMemoryStore()).withPlugin(recordStatements(statements)));
    ({ accessToken: token } = await world.join('boss@example.org'));
    org = 'club';
    await world.call('createOrg', { body: { name: org }, token });
    await world.join(ADA);
    // the first calls of all make keys and the like
    for (const email of ['a@example.org', 'b@example.org']) await callsFor(email);
  });
  afterEach(() => world.close());

  /** What each public call costs for an address: statements of the store, and what is answered. */
  const callsFor = async (email: string) => {
    const cost: Record<string, unknown> = {};
    const bodies = {
      signUp: { body: { email, password: PASSWORD, displayName: 'A' } },
      requestReset: { body: { email } },
      login: { body: { email, password: 'not the right password', client: 'x' } },
      inviteMember: { body: { email, role: 'viewer' }, params: { name: org }, token },
    } as const;
    for (const [name, given] of Object.entries(bodies) as [keyof typeof bodies, object][]) {
      statements.splice(0);
      const answer = await world.call(name, given).catch((error: { code: string }) => error.code);
      cost[name] = { answer, statements: [...statements] };
    }
    return cost;
  };

  it('behaviour: the same answers after the same work of the store', async () => {
    const known = await callsFor(ADA);

    expect(known).to.deep.equal(await callsFor(NOBODY));
    expect(known).to.have.nested.property('login.answer', 'AUTH_LOGIN_FAILED');
    expect(known).to.have.nested.property('login.statements').with.length.above(3);
  });

  it('behaviour: the same again when the address is locked', async () => {
    for (let made = 0; made < 6; made++) {
      await callsFor(ADA);
      await callsFor(NOBODY);
    }
    const known = await callsFor(ADA);

    expect(known).to.deep.equal(await callsFor(NOBODY));
    expect(known).to.have.nested.property('login.answer', 'AUTH_TOO_MANY_ATTEMPTS');
  });
});
