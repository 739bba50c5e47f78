import { request } from 'node:http';
import type { AnyRoute } from '@rios/sdk/api/route';
import { type RouteName, routes } from '@rios/sdk/api/routes';
import { expect } from 'chai';
import fc from 'fast-check';
import { verifyAudit } from '../../packages/orchestrator/src/services/users/audit-log.ts';
import type { Store } from '../../packages/orchestrator/src/store/store.ts';
import {
  ADA,
  createObjectWorld,
  EVE,
  type Objects,
  type ObjectWorld,
} from '../../packages/orchestrator/test/gateway/object-world.ts';
import { arbitraryOf, type Dictionary } from '../../packages/orchestrator/test/support/schema-arbitrary.ts';

interface Fields {
  readonly params: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  readonly body: unknown;
}

interface Outcome {
  readonly status: number;
  readonly text: string;
}

/** Hostile text in every text field of every route, generated from their schemas, on any store; `numRuns` of each. */
export function describeHostileFields(numRuns: number, open: () => Promise<Store>): void {
  let world: ObjectWorld;
  let objects: Objects;
  before(async () => {
    world = await createObjectWorld(await open());
  });
  after(() => world?.close());
  beforeEach(async () => {
    objects = await world.seed();
  });

  for (const name of Object.keys(routes) as RouteName[]) {
    const route: AnyRoute = routes[name];
    it(`behaviour: ${name}: is answered or refused, and nothing breaks`, async () => {
      await fc.assert(
        fc.asyncProperty(fieldsOf(route, objects), async (fields) => {
          const token = await world.sessionOf(EVE, 'admin');
          const outcome = await call(world.gateway.url, route, fields, token);
          checkAnswer(outcome);
          if (outcome.status === 200) await checkKept(world, name, fields, token);
        }),
        { numRuns, endOnFailure: true },
      );

      expect(await verifyAudit(world.store)).to.include({ ok: true });
      const users = await world.store.selectFrom('users').select('email').orderBy('email').execute();
      expect(users).to.deep.equal([{ email: ADA }, { email: EVE }]);
    });
  }
}

function fieldsOf(route: AnyRoute, objects: Objects): fc.Arbitrary<Fields> {
  const dictionary: Dictionary = {
    name: [objects.model, objects.org],
    model: [objects.model],
    org: [objects.org],
    id: [objects.workerId, objects.tokenId, objects.sessionId, objects.inviteId, objects.requestId],
    sha256: [objects.blob.sha256],
    email: [ADA, EVE],
    token: [objects.mailedToken],
    password: ["'; DROP TABLE users; -- \0 \u{1f4a5}", 'x'.repeat(256)],
    newPassword: ['\ud83d\udca5 %00 $1 {{7*7}}'],
    prompt: ['\0\ud800 {{7*7}}'],
    before: ['9'],
    limit: ['9'],
    index: ['0'],
    sizeBytes: ['9'],
    path: ['/v1/whoami', `/v1/workers/${objects.workerId}`, '/v1/models/%00', '/v1/status?x=%ff'],
  };
  const texts = (schema: AnyRoute['params']) =>
    arbitraryOf(schema, dictionary).map((value) =>
      Object.fromEntries(Object.entries(value as object).map(([key, field]) => [key, String(field)])),
    );
  const body =
    route.bodyKind === 'json' ? arbitraryOf(route.body, dictionary) : fc.uint8Array({ maxLength: 200 });
  return fc.record({ params: texts(route.params), query: texts(route.query), body });
}

/** As a client would escape it; half a surrogate pair has no escape, so it is sent as a broken one. */
const escapeText = (text: string): string => (text.isWellFormed() ? encodeURIComponent(text) : '%ed%a0%80');

function call(apiUrl: string, route: AnyRoute, fields: Fields, token: string): Promise<Outcome> {
  const path = route.path.replace(
    /:([A-Za-z0-9]+)/g,
    (_, name: string) => escapeText(fields.params[name] ?? '') || '%00',
  );
  const query = Object.entries(fields.query).map(
    ([name, value]) => `${escapeText(name)}=${escapeText(value)}`,
  );
  const bytes =
    route.bodyKind === 'none'
      ? ''
      : route.bodyKind === 'json'
        ? JSON.stringify(fields.body)
        : Buffer.from(fields.body as Uint8Array);
  return new Promise((resolve, reject) => {
    const sent = request(`${apiUrl}${path}?${query.join('&')}`, {
      method: route.method,
      headers: { authorization: `Bearer ${token}` },
    });
    sent.on('error', reject);
    sent.on('response', (response) => {
      const status = response.statusCode ?? 0;
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => resolve({ status, text: Buffer.concat(chunks).toString() }));
      // a stream without end is answered when it begins
      if (response.headers['content-type']?.startsWith('text/event-stream')) {
        resolve({ status, text: '' });
        response.on('error', () => {}).destroy();
      }
    });
    sent.end(bytes);
  });
}

/** Refusals have the one error body; none is a bug, and none tells of the inside. */
function checkAnswer({ status, text }: Outcome): void {
  if (status < 400 || text === '') return;
  const { error } = JSON.parse(text) as { error: { code: string; message: string; requestId: string } };
  expect(error.code, text)
    .to.match(/^[A-Z]+(_[A-Z]+)+$/)
    .and.not.equal('BUG_UNEXPECTED');
  expect(error.requestId, text).to.match(/^req_[0-9a-z]+$/);
  expect(text).to.not.match(/node_modules|\.ts:\d|SQLITE|SELECT |syntax error/);
}

/** What was taken is there as it was given. */
async function checkKept(
  world: ObjectWorld,
  name: RouteName,
  { body }: Fields,
  token: string,
): Promise<void> {
  if (name === 'updateProfile') {
    const who = (await world.world.call('whoami', { token })) as { displayName: string };
    expect(who).to.include(body as object);
  }
  if (name === 'createToken') {
    const { tokens } = (await world.world.call('listTokens', { token })) as { tokens: { name: string }[] };
    expect(tokens.map((one) => one.name)).to.include((body as { name: string }).name);
  }
}
