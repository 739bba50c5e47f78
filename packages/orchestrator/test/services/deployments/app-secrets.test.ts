import { generateKeyPairSync } from 'node:crypto';
import { toBase64url } from '@rios/sdk/crypto/hash';
import { unseal } from '@rios/sdk/crypto/seal';
import { expect } from 'chai';
import { MAX_SECRETS } from '../../../src/services/deployments/app-secrets.ts';
import { listAuditAfter } from '../../../src/store/audit.ts';
import { expectError } from '../../support/expect-error.ts';
import { ADA, createDeploymentWorld, type DeploymentWorld, EVE } from './world.ts';

const VALUE = 'postgres://user:violet-tundra@db/app';

describe('secrets of applications', () => {
  let world: DeploymentWorld;
  beforeEach(async () => {
    world = await createDeploymentWorld();
  });
  afterEach(() => world.close());

  const set = (name: string, value = VALUE) => world.call('setSecret', { params: { name }, body: { value } });
  const createWorkerKey = () => {
    const { publicKey, privateKey } = generateKeyPairSync('x25519');
    return {
      pem: privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
      sealingKey: toBase64url(publicKey.export({ format: 'der', type: 'spki' }).subarray(-32)),
    };
  };

  it('default: the worker of the container reads it, and nobody else', async () => {
    await set('DB');
    const worker = createWorkerKey();
    const spec = { env: { PORT: '80' }, secrets: { DB_URL: 'DB' } };
    const wish = { accountId: ADA, spec, replicaId: 'rep_one', sealingKey: worker.sealingKey };

    const sealed = await world.secrets.sealEnv(wish);
    const opened = JSON.parse(Buffer.from(unseal(worker.pem, sealed, 'rep_one')).toString());
    expect(opened).to.deep.equal({ PORT: '80', DB_URL: VALUE });
    expect(() => unseal(createWorkerKey().pem, sealed, 'rep_one')).to.throw('cannot be opened');
    expect(() => unseal(worker.pem, sealed, 'rep_two')).to.throw('cannot be opened');
    await expectError(world.secrets.sealEnv({ ...wish, accountId: EVE }), 'NOT_FOUND_SECRET');
  });

  it('behaviour: its value is nowhere in the store, the audit log, an answer, or a description', async () => {
    const answer = await set('DB');
    await world.deploy('hello', { secrets: { DB_URL: 'DB' } });
    const told = [
      answer,
      await world.call('listSecrets'),
      await world.call('getDeployment', { params: { name: 'hello' } }),
      await world.store.selectFrom('app_secrets').selectAll().execute(),
      await world.store.selectFrom('releases').selectAll().execute(),
      await world.store.selectFrom('events').selectAll().execute(),
      await listAuditAfter(world.store, 0, 99),
    ];

    expect(JSON.stringify(told)).to.not.contain('violet');
    expect(JSON.stringify(told)).to.contain('DB_URL');
  });

  it('behaviour: set again it is replaced, and keeps its age; the list says who uses it', async () => {
    await set('DB', 'old');
    world.clock.advance(10);
    await set('DB', 'new');
    await world.deploy('hello', { secrets: { DB_URL: 'DB' } });
    const worker = createWorkerKey();
    const spec = { env: {}, secrets: { A: 'DB' } };
    const sealed = await world.secrets.sealEnv({ accountId: ADA, spec, replicaId: 'r', ...worker });

    const { secrets } = (await world.call('listSecrets')) as {
      secrets: { createdAt: number; updatedAt: number }[];
    };
    expect(secrets).to.have.length(1);
    expect(secrets[0]).to.deep.include({ name: 'DB', usedBy: ['hello'] });
    expect((secrets[0]?.updatedAt ?? 0) - (secrets[0]?.createdAt ?? 0)).to.equal(10);
    expect(Buffer.from(unseal(worker.pem, sealed, 'r')).toString()).to.equal('{"A":"new"}');
  });

  it('error CONFLICT_SECRET_USED: a deployment needs it; afterwards it goes', async () => {
    await set('DB');
    await world.deploy('hello', { secrets: { DB_URL: 'DB' } });
    const remove = () => world.call('removeSecret', { params: { name: 'DB' } });

    await expectError(remove(), 'CONFLICT_SECRET_USED');
    await world.deploy('hello');
    expect(await remove()).to.deep.equal({ ok: true });
    await expectError(remove(), 'NOT_FOUND_SECRET');
  });

  it('error QUOTA_SECRETS: an account has only so many', async () => {
    for (let index = 0; index < MAX_SECRETS; index++)
      await world.secrets.set(ADA, { name: `S${index}`, value: 'x' }, ADA);

    await expectError(set('one-more'), 'QUOTA_SECRETS');
    expect(await set('S0', 'y')).to.include({ name: 'S0' });
    expect(await world.secrets.set(EVE, { name: 'mine', value: 'x' }, EVE)).to.include({ name: 'mine' });
  });
});
