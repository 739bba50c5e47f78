import { randomBytes } from 'node:crypto';
import type { SessionTokens } from '@rios/sdk/schema/account';
import { expect } from 'chai';
import { createSecretBox } from '../../packages/orchestrator/src/auth/secret-box.ts';
import { createSigningKeys } from '../../packages/orchestrator/src/auth/signing-keys.ts';
import { createMasterKeys } from '../../packages/orchestrator/src/crypto/master-keys.ts';
import { verifyAudit } from '../../packages/orchestrator/src/services/users/audit-log.ts';
import type { Store } from '../../packages/orchestrator/src/store/store.ts';
import {
  type OidcIssuer,
  startOidcIssuer,
} from '../../packages/orchestrator/test/services/users/outside/oidc-issuer.ts';
import {
  createOutsideWorld,
  type OutsideWorld,
} from '../../packages/orchestrator/test/services/users/outside/outside-world.ts';
import { createWorld, logIn, type World } from '../../packages/orchestrator/test/services/users/world.ts';

const ADA = 'ada@example.org';
const codeOf = (error: unknown) => (error as { code?: string }).code;

/** What the user service relies on when calls come at the same time, on any store. */
export function describeUsers(open: () => Promise<Store>): void {
  let world: World;
  beforeEach(async () => {
    world = await createWorld(await open());
  });
  afterEach(() => world.close());
  const refresh = (refreshToken: string) =>
    world.call('refreshSession', { body: { refreshToken } }) as Promise<SessionTokens>;

  it('default: sign up, verify, log in, refresh, make a token', async () => {
    const { refreshToken } = await world.join(ADA);
    const { accessToken } = await refresh(refreshToken);
    const body = { name: "'; DROP TABLE users; -- \u{1d54f}", scopes: ['status'], ttlMs: 60_000 };
    const made = (await world.call('createToken', { body, token: accessToken })) as { token: string };

    expect(await world.users.authenticate(made.token)).to.include({ tokenKind: 'api' });
    expect(await verifyAudit(world.store)).to.include({ ok: true, entries: 3 });
  });

  it('behaviour: guesses made at the same time are counted each', async () => {
    await world.join(ADA);
    const guesses = Array.from({ length: 12 }, () =>
      logIn(world, ADA, { password: 'not the right password' }).catch(codeOf),
    );
    const codes = await Promise.all(guesses);

    expect(codes.filter((code) => code === 'AUTH_LOGIN_FAILED').length).to.equal(5);
    expect(codes.filter((code) => code === 'AUTH_TOO_MANY_ATTEMPTS').length).to.equal(7);
  });

  it('behaviour: one refresh token used many times at once gives tokens once, and ends the session', async () => {
    const { refreshToken, accessToken } = await world.join(ADA);
    const outcomes = await Promise.all(
      Array.from({ length: 6 }, () => refresh(refreshToken).then(() => 'served', codeOf)),
    );

    expect(outcomes.filter((one) => one === 'served').length).to.equal(1);
    expect(outcomes.filter((one) => one === 'AUTH_SESSION_ENDED').length).to.equal(5);
    expect(await world.users.authenticate(accessToken)).to.equal(undefined);
  });

  it('behaviour: a mailed token verified twice at once makes one account', async () => {
    await world.call('signUp', {
      body: { email: ADA, password: 'violet tundra 42 kettle', displayName: 'Ada' },
    });
    const token = await world.mailedTo(ADA);
    const outcomes = await Promise.all(
      Array.from({ length: 4 }, () =>
        world.call('verifyEmail', { body: { token } }).then(() => 'made', codeOf),
      ),
    );

    expect(outcomes.filter((one) => one === 'made').length).to.equal(1);
    expect(await world.store.selectFrom('users').select('email').execute()).to.deep.equal([{ email: ADA }]);
  });

  it('behaviour: sessions opened at the same time leave one audit chain', async () => {
    await world.join(ADA);
    await Promise.all(Array.from({ length: 4 }, () => logIn(world, ADA)));

    expect(await verifyAudit(world.store)).to.include({ ok: true, entries: 6 });
  });

  it('behaviour: orchestrators that sign for the first time at once sign with one key', async () => {
    const { store, clock } = world;
    const masterKeys = createMasterKeys([randomBytes(32)]);
    const secrets = createSecretBox(async () => masterKeys);
    const owners = Array.from({ length: 4 }, () =>
      createSigningKeys({ store, clock, random: randomBytes, secrets }),
    );

    const keys = await Promise.all(owners.map((owner) => owner.current()));

    expect(new Set(keys.map(({ privateKey }) => privateKey)).size).to.equal(1);
    expect((await owners[0]?.jwks())?.keys).to.have.length(1);
  });

  it('behaviour: the first tokens that an orchestrator sees, at the same time, are all checked', async () => {
    const { kid } = await world.signingKeys.current();
    const masterKeys = createMasterKeys([randomBytes(32)]);
    const secrets = createSecretBox(async () => masterKeys);
    const { store, clock } = world;
    const fresh = createSigningKeys({ store, clock, random: randomBytes, secrets });

    const found = await Promise.all([
      fresh.find(kid),
      fresh.find(kid),
      fresh.find('strange'),
      fresh.find(kid),
    ]);

    expect(found.map((key) => key !== undefined)).to.deep.equal([true, true, false, true]);
  });
}

/** The same of logins by an outside provider. */
export function describeOutside(open: () => Promise<Store>): void {
  let outside: OutsideWorld;
  let issuer: OidcIssuer;
  beforeEach(async () => {
    outside = await createOutsideWorld(await open());
    issuer = await startOidcIssuer(outside.redirectUri('lab'));
    outside.offer({ issuer: issuer.url });
  });
  afterEach(async () => {
    await issuer.close();
    await outside.close();
  });
  const statuses = (answers: readonly { status: number }[]) => answers.map(({ status }) => status).toSorted();

  it('default: the first login makes an account, the second opens it', async () => {
    issuer.person.name = "'; DROP TABLE users; -- \u{1d54f}";
    await outside.logIn();
    await outside.logIn();
    const users = await outside.world.store.selectFrom('users').select(['email', 'display_name']).execute();

    expect(users).to.deep.equal([{ email: ADA, display_name: issuer.person.name }]);
    expect(await verifyAudit(outside.world.store)).to.include({ ok: true, entries: 4 });
  });

  it('behaviour: a browser that comes back twice at once, a yes and a claim given twice: each counts once', async () => {
    const started = await outside.start();
    const returned = await outside.browse(started);
    const pages = await Promise.all([1, 2, 3].map(() => outside.open(returned)));
    const page = pages.find(({ status }) => status === 200) ?? expect.fail('no page');
    const pressed = await Promise.all([1, 2, 3].map(() => outside.press(page)));
    const completed = await Promise.all([1, 2, 3].map(() => outside.complete(started)));

    for (const answers of [pages, pressed, completed])
      expect(statuses(answers)).to.deep.equal([200, 403, 403]);
  });

  it('behaviour: first logins of one identity at once make one account', async () => {
    const all = await Promise.all([1, 2, 3].map(() => outside.start()));
    for (const started of all) await outside.agree(started);
    await Promise.all(all.map((started) => outside.complete(started)));
    const again = await outside.logIn();

    expect(again).to.have.property('sessionId');
    for (const table of ['users', 'outside_identities'] as const) {
      expect(await outside.world.store.selectFrom(table).select('account_id').execute()).to.have.length(1);
    }
  });
}
