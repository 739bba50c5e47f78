import { accountRoutes } from '@rios/sdk/api/account-routes';
import { signUpSchema } from '@rios/sdk/schema/account';
import { expect } from 'chai';
import fc from 'fast-check';
import { createWorld, PASSWORD, type World } from './world.ts';

const HOSTILE = [
  "'; DROP TABLE users; --",
  '<script>alert(1)</script>',
  '{{7*7}} %{7*7} #{7*7}',
  '__proto__',
  '../../etc/passwd',
  'ß＜ﬀ𝕏',
  '%00%0d%0aSet-Cookie:x=1',
];

describe('users: hostile text', () => {
  let world: World;
  let token: string;
  beforeEach(async () => {
    world = await createWorld();
    token = (await world.join('ada@example.org')).accessToken;
  });
  afterEach(() => world.close());
  const rename = async (displayName: string) => {
    const body = accountRoutes.updateProfile.body.parse({ displayName });
    await world.call('updateProfile', { body, token });
    return ((await world.call('whoami', { token })) as { displayName: string }).displayName;
  };

  it('behaviour: names, labels and passwords come back as they went in', async () => {
    for (const text of HOSTILE) {
      expect(await rename(text)).to.equal(text);
      const body = accountRoutes.createToken.body.parse({ name: text, scopes: ['status'] });
      const { view } = (await world.call('createToken', { body, token })) as { view: { name: string } };
      expect(view.name).to.equal(text);
    }
    expect(await world.store.selectFrom('users').selectAll().execute()).to.have.length(1);
  });

  it('behaviour: any text is kept exactly or refused', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary', minLength: 1, maxLength: 90 }), async (text) => {
        const accepted = accountRoutes.updateProfile.body.safeParse({ displayName: text }).success;
        if (accepted) expect(await rename(text)).to.equal(text);
      }),
      { numRuns: 200 },
    );
  });

  it('error: control and direction characters, lone surrogates, long and empty text are refused', () => {
    const names = ['', 'a\u0000b', 'a\r\nBcc: x', 'a\u202eb', 'a\u200bb', '\ud800', 'x'.repeat(81)];
    for (const displayName of names) {
      const parsed = signUpSchema.safeParse({ email: 'a@example.org', password: PASSWORD, displayName });
      expect(parsed.success, JSON.stringify(displayName)).to.equal(false);
    }
  });

  it('error: addresses that could become a header, a list or another mailbox are refused', () => {
    const emails = [
      'a@example.org\r\nBcc: eve@example.org',
      'a@example.org,eve@example.org',
      'Ada <a@example.org>',
      '"a b"@example.org',
      'a@b@example.org',
      'a@',
      '@example.org',
      'a@-example',
      'a\u0000@example.org',
      'a\u202e@example.org',
      `${'a'.repeat(65)}@example.org`,
      `a@${'b'.repeat(260)}.org`,
    ];
    for (const email of emails) {
      const parsed = signUpSchema.safeParse({ email, password: PASSWORD, displayName: 'A' });
      expect(parsed.success, JSON.stringify(email)).to.equal(false);
    }
  });

  it('error: unknown and inherited fields are refused', () => {
    const good = { email: 'a@example.org', password: PASSWORD, displayName: 'A' };
    expect(signUpSchema.safeParse(good).success).to.equal(true);
    for (const extra of ['{"role":"admin"}', '{"__proto__":{"role":"admin"}}', '{"constructor":1}']) {
      const parsed = signUpSchema.safeParse({ ...good, ...JSON.parse(extra) });
      expect(parsed.success && 'role' in parsed.data, extra).to.equal(false);
    }
    expect(signUpSchema.safeParse({ ...good, role: 'admin' }).success).to.equal(false);
  });
});
