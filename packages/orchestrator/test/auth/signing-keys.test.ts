import { randomBytes } from 'node:crypto';
import { expect } from 'chai';
import { ACCESS_TTL_MS, createAccessTokens } from '../../src/auth/access-token.ts';
import { createSecretBox } from '../../src/auth/secret-box.ts';
import {
  createSigningKeys,
  LONGEST_TOKEN_MS,
  REPLACED_KEY_TTL_MS,
  rotateSigningKey,
  type SigningKeys,
} from '../../src/auth/signing-keys.ts';
import { createMasterKeys } from '../../src/crypto/master-keys.ts';
import { listSigningKeys } from '../../src/store/sessions-keys.ts';
import type { Store } from '../../src/store/store.ts';
import { createManualClock, type ManualClock } from '../support/manual-clock.ts';
import { openMemoryStore } from '../support/seed-store.ts';

describe('rotation of the signing key', () => {
  let store: Store;
  let clock: ManualClock;
  let modules: Parameters<typeof createSigningKeys>[0];
  beforeEach(async () => {
    store = await openMemoryStore();
    clock = createManualClock();
    const keys = createMasterKeys([randomBytes(32)]);
    modules = { store, clock, random: randomBytes, secrets: createSecretBox(async () => keys) };
  });
  afterEach(() => store.destroy());
  const tokensOf = (keys: SigningKeys) =>
    createAccessTokens({ keys, clock, issuer: 'https://rios.test', audience: 'net_a' });
  const kidsOf = async (keys: SigningKeys) => (await keys.jwks()).keys.map(({ kid }) => kid);
  const claims = { accountId: 'acc_0123456789', sessionId: 'ses_0123456789' };

  it('default: a running orchestrator signs with the new key within a minute, and trusts the old one', async () => {
    const keys = createSigningKeys(modules);
    const old = await keys.current();
    const { kid, trusted } = await rotateSigningKey(modules);
    expect(trusted).to.equal(1);
    const { text } = await tokensOf(keys).issue(claims);
    clock.advance(60_000);

    expect((await keys.current()).kid).to.equal(kid);
    expect(await kidsOf(keys)).to.deep.equal([kid, old.kid]);
    const elsewhere = createSigningKeys(modules);
    expect(await tokensOf(elsewhere).verify(text)).to.deep.equal(claims);
    expect(await tokensOf(elsewhere).verify((await tokensOf(keys).issue(claims)).text)).to.deep.equal(claims);
  });

  it('behaviour: the old key is trusted until its last token has expired, then by nobody', async () => {
    const keys = createSigningKeys(modules);
    const old = await keys.current();
    await rotateSigningKey(modules);
    clock.advance(REPLACED_KEY_TTL_MS - 1);
    expect(await keys.find(old.kid)).to.equal(old.publicKey);
    clock.advance(60_000);

    expect(await keys.find(old.kid)).to.equal(undefined);
    expect(await kidsOf(keys)).to.not.include(old.kid);
    expect(await rotateSigningKey(modules)).to.deep.include({ trusted: 1, forgotten: 1 });
    expect((await listSigningKeys(store)).map(({ kid }) => kid)).to.not.include(old.kid);
  });

  it('behaviour: the new key is the newest, also where the clock is behind', async () => {
    await createSigningKeys(modules).current();
    const behind = { ...modules, clock: { ...clock, now: () => clock.now() - 3_600_000 } };
    const { kid } = await rotateSigningKey(behind);

    expect((await createSigningKeys(modules).current()).kid).to.equal(kid);
  });

  it('behaviour: it is written down in the audit log', async () => {
    const { kid } = await rotateSigningKey(modules);
    const entry = await store.selectFrom('audit_entries').selectAll().executeTakeFirstOrThrow();

    expect(entry).to.include({ action: 'signing-key.rotated', subject: kid });
  });

  it('behaviour: no token outlives the trust in its key', () => {
    expect(ACCESS_TTL_MS).to.be.at.most(LONGEST_TOKEN_MS);
  });
});
