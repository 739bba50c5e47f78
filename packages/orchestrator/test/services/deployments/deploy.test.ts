import { createKeyPair } from '@rios/sdk/crypto/ed25519';
import { toBase64url } from '@rios/sdk/crypto/hash';
import { sign } from '@rios/sdk/crypto/signed';
import type { AppSource } from '@rios/sdk/schema/app';
import type { DeploymentView } from '@rios/sdk/schema/deployment';
import { expect } from 'chai';
import { UNREFERENCED_TTL_MS } from '../../../src/services/blobs.ts';
import { MAX_ACCOUNT_REPLICAS, MAX_DEPLOYMENTS } from '../../../src/services/deployments/check-quota.ts';
import { KEPT_RELEASES } from '../../../src/services/deployments/deploy-release.ts';
import { listAuditAfter } from '../../../src/store/audit.ts';
import { getBlob } from '../../../src/store/blobs.ts';
import { changeDeployment, findDeployment } from '../../../src/store/deployments.ts';
import { takeEvaluation } from '../../../src/store/evaluations.ts';
import { listEventsOf } from '../../../src/store/events.ts';
import { changeRelease, listReleases } from '../../../src/store/releases.ts';
import { needsReleaseFile } from '../../../src/store/replicas.ts';
import { expectError } from '../../support/expect-error.ts';
import { addReplica } from '../../support/seed-deployments.ts';
import { ADA, createDeploymentWorld, type DeploymentWorld, EVE } from './world.ts';

describe('deploying', () => {
  let world: DeploymentWorld;
  beforeEach(async () => {
    world = await createDeploymentWorld();
  });
  afterEach(() => world.close());

  const eve = () => world.callerOf(EVE);
  const folder = async (text = 'an app'): Promise<AppSource> => ({
    kind: 'folder',
    file: await world.upload(Buffer.from(text)),
    base: 'rios/node',
  });
  const get = async (name: string) =>
    (await world.call('getDeployment', { params: { name } })) as DeploymentView;
  /** As the loop does once its replicas are healthy. */
  const activate = async (name: string, number: number) => {
    const known = await findDeployment(world.store, name);
    const id = known?.id ?? '';
    await changeRelease(
      world.store,
      { deploymentId: id, number },
      { state: 'active', reason: '', healthyAt: 5 },
    );
    await changeDeployment(world.store, id, { activeRelease: number, state: 'ready' }, 5);
    return id;
  };

  it('default: a deployment with its first release, its event, its evaluation and its audit entry, at once', async () => {
    const view = await world.deploy('hello', { source: await folder() }, { expectedRelease: 0 });

    expect(view).to.include({
      name: 'hello',
      state: 'pending',
      activeRelease: null,
      latestRelease: 1,
      wanted: 1,
    });
    expect(view.url).to.equal('http://hello.localhost:8081');
    expect(await takeEvaluation(world.store, world.clock.now())).to.include({ key: 'deployments' });
    expect(world.wakes()).to.equal(1);
    const events = await listEventsOf(world.store, ADA, 'deployment.', 9);
    expect(events.map(({ kind, subject }) => [kind, subject])).to.deep.equal([
      ['deployment.deployed', 'hello'],
    ]);
    const [entry] = await listAuditAfter(world.store, 0, 9);
    expect(entry).to.include({ action: 'deployment.deploy', subject: 'hello', actor: ADA });
  });

  it('behaviour: the next release takes the place of one that was still taking over', async () => {
    await world.deploy('hello');
    const next = await world.deploy('hello', { env: { A: '1' } }, { expectedRelease: 1 });

    expect(next).to.include({ latestRelease: 2, activeRelease: null, state: 'pending' });
    const { releases } = (await world.call('listReleases', { params: { name: 'hello' } })) as {
      releases: { number: number; state: string }[];
    };
    expect(releases.map(({ number, state }) => [number, state])).to.deep.equal([
      [2, 'pending'],
      [1, 'superseded'],
    ]);
  });

  it('behaviour: of two deploys at once that expect the same release one wins', async () => {
    await world.deploy('hello');
    const both = await Promise.allSettled([
      world.deploy('hello', { env: { A: '1' } }, { expectedRelease: 1 }),
      world.deploy('hello', { env: { A: '2' } }, { expectedRelease: 1 }),
    ]);

    expect(both.map(({ status }) => status).toSorted()).to.deep.equal(['fulfilled', 'rejected']);
    const lost = both.find((one) => one.status === 'rejected');
    expect(lost?.reason).to.include({ code: 'CONFLICT_RELEASE' });
    expect(await get('hello')).to.include({ latestRelease: 2 });
  });

  it('error CONFLICT_RELEASE: a name that must be new is not; one that must be there is not', async () => {
    await world.deploy('hello');

    await expectError(world.deploy('hello', {}, { expectedRelease: 0 }), 'CONFLICT_RELEASE');
    await expectError(world.deploy('other', {}, { expectedRelease: 3 }), 'CONFLICT_RELEASE');
  });

  it('error CONFLICT_EXISTS: the name belongs to another account, which is not told more', async () => {
    await world.deploy('hello');

    await expectError(world.deploy('hello', {}, {}, eve()), 'CONFLICT_EXISTS');
    for (const name of ['getDeployment', 'stopDeployment', 'deleteDeployment', 'listReleases'] as const) {
      await expectError(
        world.call(name, { params: { name: 'hello' }, caller: eve() }),
        'NOT_FOUND_DEPLOYMENT',
      );
    }
    expect(await world.call('listDeployments', { caller: eve() })).to.deep.equal({ deployments: [] });
  });

  it('error NOT_FOUND_BLOB: the file is not stored, is another account’s, or has another size', async () => {
    const file = await world.upload(Buffer.from('an app'));
    const foreign = await world.upload(Buffer.from('of Eve'), EVE);
    const refused = [
      { ...file, sha256: 'f'.repeat(64), chunks: ['f'.repeat(64)] },
      foreign,
      { ...file, sizeBytes: file.sizeBytes + 1 },
    ];
    for (const one of refused) {
      const source: AppSource = { kind: 'folder', file: one, base: 'rios/node' };
      await expectError(world.deploy('hello', { source }), 'NOT_FOUND_BLOB');
    }
    expect(await findDeployment(world.store, 'hello')).to.equal(undefined);
  });

  it('error NOT_FOUND_SECRET: a secret that the account does not have', async () => {
    await world.secrets.set(EVE, { name: 'DB', value: 'x' }, EVE);

    await expectError(world.deploy('hello', { secrets: { DB_URL: 'DB' } }), 'NOT_FOUND_SECRET');
    await world.secrets.set(ADA, { name: 'DB', value: 'x' }, ADA);
    expect(await world.deploy('hello', { secrets: { DB_URL: 'DB' } })).to.include({ latestRelease: 1 });
  });

  const wrong: [string, object][] = [
    ['min above max', { replicas: { min: 2, max: 1 } }],
    ['no replica ever', { replicas: { min: 0, max: 0 } }],
    [
      'a probe of a port that is not declared',
      { health: { kind: 'tcp', port: 9, graceMs: 0, intervalMs: 100, timeoutMs: 100, threshold: 1 } },
    ],
    ['a port twice', { ports: [80, 80] }],
    ['a variable in env and in secrets', { env: { A: '1' }, secrets: { A: 'A' } }],
    ['an address block that is none', { egress: [{ cidr: '300.0.0.0/8', ports: [] }] }],
    ['a block with too many bits', { egress: [{ cidr: '10.0.0.0/33', ports: [] }] }],
  ];
  for (const [what, spec] of wrong) {
    it(`error USER_INVALID_REQUEST: ${what}`, async () => {
      await expectError(world.deploy('hello', spec), 'USER_INVALID_REQUEST');
      await expectError(
        world.call('planDeployment', { body: { name: 'hello', spec: { ...(await get0()), ...spec } } }),
        'USER_INVALID_REQUEST',
      );
    });
  }
  const get0 = async () => (await world.deploy('model')).spec;

  it('error INTEGRITY_SIGNATURE: an archive that is signed for another name, another file, or by another key', async () => {
    const file = await world.upload(Buffer.from('an archive'));
    const key = createKeyPair();
    const deployer = toBase64url(key.publicKey);
    const sourceOf = (app: string, sha256: string, by = key): AppSource => ({
      kind: 'archive',
      file,
      deployer,
      statement: sign('appArchive', { app, sha256 }, by.privateKey),
    });
    const refused = [
      sourceOf('other', file.sha256),
      sourceOf('hello', 'f'.repeat(64)),
      sourceOf('hello', file.sha256, createKeyPair()),
    ];
    for (const source of refused) {
      await expectError(world.deploy('hello', { source }), 'INTEGRITY_SIGNATURE');
    }
    const fine = await world.deploy('hello', { source: sourceOf('hello', file.sha256) });
    expect(fine).to.include({ latestRelease: 1 });
  });

  it('error QUOTA_DEPLOYMENTS: too many deployments, or replicas of all of them together', async () => {
    const most = { min: 1, max: MAX_ACCOUNT_REPLICAS - 1 };
    await world.deploy('large', { replicas: most });
    await world.deploy('one', { replicas: { min: 1, max: 1 } });

    await expectError(world.deploy('two'), 'QUOTA_DEPLOYMENTS');
    const scale = { params: { name: 'one' }, body: { replicas: 2 } };
    await expectError(world.call('scaleDeployment', scale), 'QUOTA_DEPLOYMENTS');
    await world.call('scaleDeployment', { params: { name: 'large' }, body: { replicas: 1 } });
    for (let index = 2; index < MAX_DEPLOYMENTS; index++) await world.deploy(`app-${index}`);
    await expectError(world.deploy('last'), 'QUOTA_DEPLOYMENTS');
    expect(await world.deploy('one')).to.include({ latestRelease: 2 });
  });

  it('behaviour: the file of a release stays while the release does, for the workers that run it, and then goes', async () => {
    const source = await folder();
    const sha256 = source.kind === 'folder' ? source.file.sha256 : '';
    await world.deploy('hello', { source });
    const id = (await findDeployment(world.store, 'hello'))?.id ?? '';
    world.clock.advance(2 * UNREFERENCED_TTL_MS);
    await world.blobs.sweep();
    expect(await getBlob(world.store, sha256)).to.include({ state: 'stored' });

    expect(await needsReleaseFile(world.store, 'worker', sha256)).to.equal(false);
    const replica = await addReplica(world.store, id, { workerId: 'worker' });
    expect(await needsReleaseFile(world.store, 'worker', sha256)).to.equal(true);
    expect(await needsReleaseFile(world.store, 'other', sha256)).to.equal(false);
    await addReplica(world.store, id, { ...replica, wish: 'remove' });
    expect(await needsReleaseFile(world.store, 'worker', sha256)).to.equal(false);

    await world.store.deleteFrom('replicas').execute();
    await world.call('deleteDeployment', { params: { name: 'hello' } });
    expect(await findDeployment(world.store, 'hello')).to.equal(undefined);
    expect(await getBlob(world.store, sha256)).to.equal(undefined);
  });

  it('behaviour: what still has containers is deleted by the loop, and its name is taken until then', async () => {
    await world.deploy('hello');
    const id = (await findDeployment(world.store, 'hello'))?.id ?? '';
    await addReplica(world.store, id, { workerId: 'worker' });
    await world.call('deleteDeployment', { params: { name: 'hello' } });

    expect(await get('hello')).to.include({ state: 'deleting', wanted: 0 });
    await expectError(world.deploy('hello'), 'CONFLICT_DELETING');
    await expectError(world.call('stopDeployment', { params: { name: 'hello' } }), 'CONFLICT_DELETING');
    expect(await world.call('deleteDeployment', { params: { name: 'hello' } })).to.deep.equal({ ok: true });
  });

  it('behaviour: goes back to the release before that worked, or to a named one', async () => {
    await world.deploy('hello', { env: { A: '1' } });
    await activate('hello', 1);
    await world.deploy('hello', { env: { A: '2' } });
    const id = await activate('hello', 2);
    const back = async (body: object) =>
      (await world.call('rollbackDeployment', { params: { name: 'hello' }, body })) as DeploymentView;

    const taken = await back({});
    expect(taken).to.include({ latestRelease: 3, activeRelease: 2 });
    expect(taken.spec.env).to.deep.equal({ A: '1' });
    expect((await listReleases(world.store, id))[0]).to.include({ number: 3, rollbackOf: 1 });
    // while it takes over, back is to the one that serves
    expect((await back({})).spec.env).to.deep.equal({ A: '2' });
    expect((await back({ release: 1 })).spec.env).to.deep.equal({ A: '1' });
    await expectError(back({ release: 99 }), 'NOT_FOUND_RELEASE');
  });

  it('error NOT_FOUND_RELEASE: nothing that worked to go back to', async () => {
    await world.deploy('hello');
    await activate('hello', 1);
    const act = world.call('rollbackDeployment', { params: { name: 'hello' }, body: {} });

    await expectError(act, 'NOT_FOUND_RELEASE');
  });

  it('behaviour: scale, restart and stop change the wish, and a deploy starts it again', async () => {
    await world.deploy('hello', { replicas: { min: 1, max: 3 } });
    const change = (name: 'scaleDeployment' | 'restartDeployment' | 'stopDeployment', body?: object) =>
      world.call(name, { params: { name: 'hello' }, ...(body === undefined ? {} : { body }) });

    expect(await change('scaleDeployment', { replicas: 2 })).to.include({ wanted: 2 });
    expect(await change('scaleDeployment', { min: 3 })).to.include({ wanted: 3 });
    expect(await change('stopDeployment')).to.include({ wanted: 0 });
    expect(await change('restartDeployment')).to.include({ wanted: 3 });
    expect(await findDeployment(world.store, 'hello')).to.deep.include({
      restartCount: 1,
      scale: { min: 3 },
    });
    await change('stopDeployment');
    // the same size: what was scaled stays
    expect(await world.deploy('hello', { replicas: { min: 1, max: 3 } })).to.include({ wanted: 3 });
    expect(await world.deploy('hello', { replicas: { min: 1, max: 2 } })).to.include({ wanted: 1 });
    await expectError(change('scaleDeployment', {}), 'USER_INVALID_REQUEST');
    await expectError(change('scaleDeployment', { replicas: 1, min: 1 }), 'USER_INVALID_REQUEST');
    await expectError(change('scaleDeployment', { min: 9 }), 'USER_INVALID_REQUEST');
  });

  it('behaviour: as many releases are kept as may be gone back to', async () => {
    for (let index = 0; index < KEPT_RELEASES + 3; index++) {
      await world.deploy('hello', { env: { A: String(index) } });
      if (index === 0) await activate('hello', 1);
    }
    const id = (await findDeployment(world.store, 'hello'))?.id ?? '';
    const numbers = (await listReleases(world.store, id)).map(({ number }) => number);

    expect(numbers).to.have.length(KEPT_RELEASES + 1);
    expect(numbers.at(-1), 'the one that serves').to.equal(1);
  });
});
