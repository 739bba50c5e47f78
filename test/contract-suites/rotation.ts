import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { createSecretBox, type SecretBox } from '../../packages/orchestrator/src/auth/secret-box.ts';
import { createMasterKeyFile } from '../../packages/orchestrator/src/crypto/master-key-file.ts';
import { loadMasterKeys } from '../../packages/orchestrator/src/crypto/master-keys.ts';
import { createAppSecrets } from '../../packages/orchestrator/src/services/deployments/app-secrets.ts';
import {
  countSealed,
  SEALED_COLUMNS,
  sealedContext,
} from '../../packages/orchestrator/src/store/sealed-columns.ts';
import { insertSigningKey } from '../../packages/orchestrator/src/store/sessions-keys.ts';
import type { Store } from '../../packages/orchestrator/src/store/store.ts';
import { insertUser } from '../../packages/orchestrator/src/store/users.ts';
import { rotateMasterKey } from '../../packages/orchestrator/src/upkeep/rotate-master-key.ts';
import { expectError } from '../../packages/orchestrator/test/support/expect-error.ts';
import { listColumns } from '../../packages/orchestrator/test/support/list-columns.ts';
import { addAccount } from '../../packages/orchestrator/test/support/seed-store.ts';

const { totp, signingKey, appSecret } = SEALED_COLUMNS;

async function addUser(store: Store, box: SecretBox, id: string): Promise<void> {
  await addAccount(store, id);
  await insertUser(store, {
    account_id: id,
    email: `${id}@example.org`,
    display_name: id,
    password_hash: 'x',
    role: 'developer',
    totp_envelope: await box.seal(`secret of ${id}`, sealedContext(totp, id)),
    totp_confirmed_at: 1,
    totp_last_step: 0,
    created_at: 1,
  });
}

/** How the master key of a store is rotated, on every database. */
export function describeRotation(open: () => Promise<Store>): void {
  let store: Store;
  let folder: string;
  let file: string;
  beforeEach(async () => {
    store = await open();
    folder = await mkdtemp(join(tmpdir(), 'rios-rotation-'));
    file = join(folder, 'master.key');
  });
  afterEach(async () => {
    await store.destroy();
    await rm(folder, { recursive: true, force: true });
  });

  const place = () => createMasterKeyFile(file);
  const boxOf = () => createSecretBox((options) => loadMasterKeys(place(), options));
  const rotate = (over: { dropOld?: boolean; onProgress?: () => void } = {}) =>
    rotateMasterKey({ store, place: place(), dropOld: false, onProgress: () => {}, ...over });
  const secretOf = async (box: SecretBox, id: string) => {
    const row = await store
      .selectFrom('users')
      .selectAll()
      .where('account_id', '=', id)
      .executeTakeFirstOrThrow();
    return box.open(row.totp_envelope ?? '', sealedContext(totp, id));
  };
  const appSecretOf = async (box: SecretBox) => {
    const row = await store.selectFrom('app_secrets').selectAll().executeTakeFirstOrThrow();
    return box.open(row.value_envelope, sealedContext(appSecret, row.id));
  };
  const keysInUse = async () => (await countSealed(store, totp)).map(({ keyId }) => keyId);

  it('default: every sealed column is sealed anew; a box that knew the old key needs no restart', async () => {
    const box = boxOf();
    for (const id of ['acc_a', 'acc_b', 'acc_c']) await addUser(store, box, id);
    const envelope = await box.seal('private', sealedContext(signingKey, 'kid'));
    await insertSigningKey(store, {
      kid: 'kid',
      public_key: 'x',
      private_envelope: envelope,
      created_at: 1,
    });
    const secrets = createAppSecrets({ store, clock: { now: () => 1 }, box });
    await secrets.set('acc_a', { name: 'DB', value: 'of an app' }, 'acc_a');

    const rotation = await rotate();

    expect(rotation).to.deep.include({ isNew: true, keys: 2, dropped: 0 });
    expect(rotation.sealed).to.deep.equal([
      { column: 'users.totp_envelope', count: 3 },
      { column: 'signing_keys.private_envelope', count: 1 },
      { column: 'network_keys.private_envelope', count: 0 },
      { column: 'oauth_payloads.envelope', count: 0 },
      { column: 'outside_attempts.secret_envelope', count: 0 },
      { column: 'app_secrets.value_envelope', count: 1 },
    ]);
    expect(await appSecretOf(box)).to.equal('of an app');
    expect(await keysInUse()).to.deep.equal([rotation.keyId]);
    expect(await secretOf(box, 'acc_b')).to.equal('secret of acc_b');
    await addUser(store, box, 'acc_d');
    expect(await keysInUse(), 'sealed under the new key at once').to.deep.equal([rotation.keyId]);
  });

  it('behaviour: more rows than a page', async () => {
    const box = boxOf();
    for (let index = 0; index < 230; index++) await addUser(store, box, `acc_${index}`);

    expect((await rotate()).sealed[0]?.count).to.equal(230);
    expect(await secretOf(boxOf(), 'acc_229')).to.equal('secret of acc_229');
  });

  it('behaviour: cut off in the middle, both keys open what they sealed; the next run finishes', async () => {
    const box = boxOf();
    for (let index = 0; index < 6; index++) await addUser(store, box, `acc_${index}`);
    let left = 3;
    const cut = () => {
      if (--left === 0) throw new Error('cut');
    };
    await rotate({ onProgress: cut }).catch(() => {});

    expect(await keysInUse()).to.have.length(2);
    for (let index = 0; index < 6; index++) {
      expect(await secretOf(boxOf(), `acc_${index}`)).to.equal(`secret of acc_${index}`);
    }
    const rotation = await rotate();
    expect(rotation).to.deep.include({ isNew: false, keys: 2 });
    expect(rotation.sealed[0]?.count).to.equal(3);
    expect(await keysInUse()).to.deep.equal([rotation.keyId]);
  });

  it('option: dropOld seals what is left, then keeps the current key alone', async () => {
    const box = boxOf();
    for (const id of ['acc_a', 'acc_b']) await addUser(store, box, id);
    await rotate({
      onProgress: () => {
        throw new Error('cut');
      },
    }).catch(() => {});
    const old = (await loadMasterKeys(place(), { create: false })).all[1]?.id;
    await rotate();

    const rotation = await rotate({ dropOld: true });

    expect(rotation).to.deep.include({ isNew: false, keys: 1, dropped: 1 });
    const left = await loadMasterKeys(place(), { create: false });
    expect(left.find(old ?? '')).to.equal(undefined);
    expect(await secretOf(boxOf(), 'acc_a')).to.equal('secret of acc_a');
  });

  it('error INTEGRITY_SECRET: a secret that does not open keeps the old key, and stops no other', async () => {
    const box = boxOf();
    for (const id of ['acc_a', 'acc_b']) await addUser(store, box, id);
    const { totp_envelope: other } = await store
      .selectFrom('users')
      .select('totp_envelope')
      .where('account_id', '=', 'acc_a')
      .executeTakeFirstOrThrow();
    await addUser(store, box, 'acc_c');
    await store
      .updateTable('users')
      .set({ totp_envelope: other })
      .where('account_id', '=', 'acc_c')
      .execute();

    const error = await expectError(rotate({ dropOld: false }), 'INTEGRITY_SECRET');
    expect(error.details).to.deep.equal({ count: 1, rows: ['users.totp_envelope:acc_c'] });
    await expectError(rotate({ dropOld: true }), 'INTEGRITY_SECRET');
    expect((await loadMasterKeys(place(), { create: false })).all).to.have.length(2);
    expect(await secretOf(boxOf(), 'acc_b')).to.equal('secret of acc_b');
  });

  it("error INTEGRITY_SECRET: another store's master key is left as it was", async () => {
    await addUser(store, boxOf(), 'acc_a');
    await rm(file);
    await loadMasterKeys(place(), { create: true });
    const before = await readFile(file, 'utf8');

    await expectError(rotate(), 'INTEGRITY_SECRET');
    expect(await readFile(file, 'utf8')).to.equal(before);
  });

  it('behaviour: several at once end with every secret under the current key', async () => {
    const box = boxOf();
    for (let index = 0; index < 5; index++) await addUser(store, box, `acc_${index}`);
    await Promise.all([rotate(), rotate(), rotate()]);

    const { current } = await loadMasterKeys(place(), { create: false });
    expect(await keysInUse()).to.deep.equal([current.id]);
    expect(await secretOf(boxOf(), 'acc_4')).to.equal('secret of acc_4');
  });

  it('behaviour: a secret that is replaced during the rotation stays replaced', async () => {
    const box = boxOf();
    await addUser(store, box, 'acc_a');
    await addUser(store, box, 'acc_b');
    let replacing: Promise<unknown> | undefined;
    await rotate({
      onProgress: () => {
        replacing ??= box
          .seal('newer', sealedContext(totp, 'acc_b'))
          .then((sealed) =>
            store
              .updateTable('users')
              .set({ totp_envelope: sealed })
              .where('account_id', '=', 'acc_b')
              .execute(),
          );
      },
    });
    await replacing;

    expect(await secretOf(boxOf(), 'acc_b')).to.equal('newer');
  });

  it('behaviour: no column of envelopes is left out of the table', async () => {
    const columns = await listColumns(store);
    const found = columns.filter((name) => /[._]envelope$/.test(name));
    const listed = Object.values(SEALED_COLUMNS).map(({ table, column }) => `${table}.${column}`);

    expect(found.sort()).to.deep.equal(listed.sort());
    const ids = Object.values(SEALED_COLUMNS).map(({ table, id }) => `${table}.${id}`);
    expect(columns).to.include.members(ids);
  });
}
