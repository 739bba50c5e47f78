import { buildUrl } from '@rios/sdk/api/request';
import { ROLE_SCOPES, ROLES, type Role } from '@rios/sdk/api/roles';
import type { AnyRoute } from '@rios/sdk/api/route';
import { type RouteName, routes } from '@rios/sdk/api/routes';
import { expect } from 'chai';
import { OBJECT_RULES, type ObjectRule } from '../gateway/object-rules.ts';
import {
  ADA,
  createObjectWorld,
  EVE,
  freshKey,
  type Objects,
  type ObjectWorld,
} from '../gateway/object-world.ts';
import { type Answer, ask } from '../support/small-gateway.ts';

const NAMES = Object.keys(routes) as RouteName[];

const codeOf = (answer: Answer): string => (answer.status < 400 ? 'ok' : String(answer.error().code));

/** What somebody with that role gets who asks for Ada's object. */
function expectedFor(name: RouteName, { eve = 'ok' }: ObjectRule, role: Role): string {
  const { scope } = routes[name];
  if (scope !== 'public' && scope !== 'any' && !ROLE_SCOPES[role].includes(scope)) return 'AUTH_FORBIDDEN';
  return typeof eve === 'string' ? eve : (eve[role] ?? 'ok');
}

describe('every route, every role, another account’s object', function () {
  this.timeout(120_000);
  let world: ObjectWorld;
  beforeEach(async () => {
    world = await createObjectWorld();
  });
  afterEach(() => world?.close());

  const call = (name: RouteName, objects: Objects, token: string, key: string) => {
    const route: AnyRoute = routes[name];
    const { params = {}, query = {}, body, headers = {} } = OBJECT_RULES[name].attack?.(objects) ?? {};
    const path = buildUrl('', route, { params, query });
    const bytes = body instanceof Uint8Array ? body : body === undefined ? '' : JSON.stringify(body);
    return ask(world.gateway.url, path, {
      method: route.method,
      token: route.scope === 'public' ? null : token,
      body: bytes,
      headers: { ...headers, ...(route.method === 'GET' ? {} : { 'idempotency-key': key }) },
    });
  };

  it('behaviour: every route has a rule, and nothing else has', () => {
    expect(Object.keys(OBJECT_RULES).toSorted()).to.deep.equal(NAMES.toSorted());
  });

  for (const role of ROLES) {
    it(`default: ${role}: gets what the rule says, and a refusal changes nothing of Ada's`, async () => {
      for (const name of NAMES) {
        const rule = OBJECT_RULES[name];
        const what = `${role}: ${name}`;
        const objects = await world.seed();
        const eve = await world.sessionOf(EVE, role);
        const before = await world.snapshot();
        const key = freshKey();

        const answer = await call(name, objects, eve, key);
        const code = codeOf(answer);
        expect(code, what).to.equal(expectedFor(name, rule, role));
        const changes =
          rule.kind === 'shared' || (code === 'ok' && rule.kind !== 'own' && rule.kind !== 'none');
        if (!changes) expect((await world.snapshot()) === before, `${what} changed something`).to.equal(true);
        if (rule.kind === 'own') {
          expect(answer.text, what).to.not.contain(objects.sessionId).and.not.contain(ADA);
        }
      }
    });
  }

  it('default: Ada gets her own, and Eve nothing of it by the same idempotency key', async () => {
    for (const name of NAMES) {
      const objects = await world.seed();
      const ada = await world.sessionOf(ADA, 'developer');
      const eve = await world.sessionOf(EVE, 'developer');
      const key = freshKey();

      expect(codeOf(await call(name, objects, ada, key)), name).to.equal(OBJECT_RULES[name].ada ?? 'ok');
      if (routes[name].scope === 'public') continue;
      const replayed = (await call(name, objects, eve, key)).headers['idempotency-replayed'];
      expect(replayed, name).to.equal(undefined);
    }
  });

  it('behaviour: what a batch does is judged call by call', async () => {
    const objects = await world.seed();
    for (const role of ROLES) {
      const answer = await call('batch', objects, await world.sessionOf(EVE, role), freshKey());
      const { answers } = answer.json() as { answers: { body: { error: { code: string } } }[] };
      expect(
        answers.map(({ body }) => body.error.code),
        role,
      ).to.deep.equal(['NOT_FOUND']);
    }
  });

  it('behaviour: an API token gets nothing that a login of the same person does not', async () => {
    for (const name of NAMES.filter((one) => routes[one].scope !== 'public')) {
      const role: Role = 'developer';
      const objects = await world.seed();
      const session = await world.sessionOf(EVE, role);
      const body = { name: 'x', scopes: ROLE_SCOPES[role], ttlMs: 60_000 };
      const made = (await world.world.call('createToken', { body, token: session })) as {
        token: string;
        view: { id: string };
      };
      const code = codeOf(await call(name, objects, made.token, freshKey()));

      const allowed = [expectedFor(name, OBJECT_RULES[name], role), 'AUTH_FORBIDDEN', 'NOT_FOUND'];
      expect(code, name).to.be.oneOf(allowed);
      await world.world.call('revokeToken', { params: { id: made.view.id }, token: session });
    }
  });

  it('behaviour: a token of an organisation reaches what is the organisation’s, not what is its maker’s', async () => {
    const objects = await world.seed();
    const ada = await world.sessionOf(ADA, 'developer');
    const body = { name: 'ci', scopes: ['inference', 'models'], ttlMs: 60_000, org: objects.org };
    const { token } = (await world.world.call('createToken', { body, token: ada })) as { token: string };

    expect(codeOf(await call('explainRoute', objects, token, freshKey()))).to.equal('NOT_FOUND');
    expect(codeOf(await call('getBlob', objects, token, freshKey()))).to.equal('NOT_FOUND_BLOB');
    expect(codeOf(await call('unloadModel', objects, token, freshKey()))).to.equal('AUTH_FORBIDDEN');
    const { status } = await world.store
      .updateTable('models')
      .set({ account_id: (await world.store.selectFrom('orgs').select('id').executeTakeFirstOrThrow()).id })
      .where('name', '=', objects.model)
      .execute()
      .then(() => call('unloadModel', objects, token, freshKey()));
    expect(status).to.equal(200);
  });
});
