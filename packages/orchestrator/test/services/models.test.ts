import { sha256Of } from '@rios/sdk/crypto/hash';
import { createIdentity } from '@rios/sdk/crypto/identity';
import { silentLog } from '@rios/sdk/log';
import type { Manifest } from '@rios/sdk/schema/manifest';
import { expect } from 'chai';
import { createBlobFiles } from '../../src/services/blob-files.ts';
import { type BlobOwner, type Blobs, createBlobs } from '../../src/services/blobs.ts';
import { createModels, type Models } from '../../src/services/models.ts';
import { takeEvaluation } from '../../src/store/evaluations.ts';
import { setModelState } from '../../src/store/models.ts';
import type { Store } from '../../src/store/store.ts';
import { expectError } from '../support/expect-error.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { addAccount, openMemoryStore, peerIdOf } from '../support/seed-store.ts';
import { aManifest, manifestBytes } from '../support/small-manifest.ts';
import { createTempDirectory } from '../support/temp-directory.ts';

const WORKER = createIdentity(new Uint8Array(32).fill(1)).peerId;

describe('models', () => {
  let directory: Awaited<ReturnType<typeof createTempDirectory>>;
  let store: Store;
  let blobs: Blobs;
  let models: Models;
  let owner: BlobOwner;
  let wakes: number;
  const clock = createManualClock();
  beforeEach(async () => {
    directory = await createTempDirectory();
    store = await openMemoryStore();
    owner = await addAccount(store, 'acc_owner00000');
    const files = createBlobFiles(directory.path);
    blobs = createBlobs({
      store,
      files,
      clock,
      log: silentLog,
      self: peerIdOf(0),
      freeBytes: async () => 1e12,
    });
    wakes = 0;
    models = createModels({
      store,
      blobs,
      clock,
      parseManifest: (bytes) => JSON.parse(Buffer.from(bytes).toString()) as Manifest,
      evaluationKey: (name) => `model:${name}`,
      wake: () => {
        wakes++;
      },
    });
  });
  afterEach(async () => {
    await store.destroy();
    await directory.remove();
  });

  const upload = async (...texts: string[]) => {
    for (const text of texts) await blobs.put(Buffer.from(text), owner);
  };

  it('default: a model whose files are stored is registered under its hash', async () => {
    await upload('trunk', 'expert');
    const bytes = manifestBytes(aManifest('trunk', 'expert'));

    const view = await models.register('tiny', bytes, owner);
    expect(view).to.include({ name: 'tiny', modelHash: sha256Of(bytes), state: 'stored', sizeBytes: 11 });
    expect(Buffer.from((await models.manifest('tiny')).bytes).equals(bytes)).to.equal(true);
    expect((await blobs.find(sha256Of(bytes)))?.sizeBytes).to.equal(bytes.byteLength);
  });

  it('behaviour: the same bytes again change nothing', async () => {
    await upload('trunk');
    const bytes = manifestBytes(aManifest('trunk'));
    const first = await models.register('tiny', bytes, owner);
    clock.advance(1000);

    expect(await models.register('tiny', bytes, owner)).to.deep.equal(first);
  });

  it('error CONFLICT_EXISTS: another model under a taken name', async () => {
    await upload('trunk', 'other');
    await models.register('tiny', manifestBytes(aManifest('trunk')), owner);

    await expectError(models.register('tiny', manifestBytes(aManifest('other')), owner), 'CONFLICT_EXISTS');
  });

  it('error NOT_FOUND_BLOB: the files that are not stored, or not the caller’s, are named', async () => {
    const stranger = await addAccount(store, 'acc_stranger00');
    await upload('trunk');
    const bytes = manifestBytes(aManifest('trunk', 'expert'));

    const error = await expectError(models.register('tiny', bytes, owner), 'NOT_FOUND_BLOB');
    expect(error.details).to.deep.include({ missing: ['files/1.bin'], count: 1 });
    const foreign = await expectError(models.register('tiny', bytes, stranger), 'NOT_FOUND_BLOB');
    expect(foreign.details).to.include({ count: 2 });
    await expectError(models.get('tiny'), 'NOT_FOUND_MODEL');
  });

  it('behaviour: removing takes the blobs that no other model needs', async () => {
    await upload('shared', 'own');
    await models.register('a', manifestBytes(aManifest('shared', 'own')), owner);
    await models.register('b', manifestBytes(aManifest('shared')), owner);

    await models.remove('a');
    expect(await blobs.find(sha256Of(Buffer.from('own')))).to.equal(undefined);
    expect(await blobs.find(sha256Of(Buffer.from('shared')))).to.not.equal(undefined);
    expect((await models.list()).map(({ name }) => name)).to.deep.equal(['b']);
  });

  it('behaviour: a model under two names keeps its blobs until both are gone', async () => {
    await upload('trunk');
    const bytes = manifestBytes(aManifest('trunk'));
    await models.register('a', bytes, owner);
    await models.register('b', bytes, owner);
    await models.remove('a');

    expect(await blobs.find(sha256Of(bytes))).to.not.equal(undefined);
    await models.remove('b');
    expect(await blobs.find(sha256Of(bytes))).to.equal(undefined);
  });

  it('behaviour: placing, unloading and removing say what is wished, and wake the loop', async () => {
    await upload('trunk');
    await models.register('tiny', manifestBytes(aManifest('trunk')), owner);
    expect(wakes).to.equal(0);

    await models.place('tiny', { shape: 'island', spread: true });
    await models.unload('tiny');
    expect(wakes).to.equal(2);
    expect((await takeEvaluation(store, clock.now()))?.key).to.equal('model:tiny');

    await models.remove('tiny');
    expect(wakes).to.equal(3);
  });

  it('behaviour: placed again, it is planned anew: a spread over too few workers is not kept', async () => {
    await upload('trunk');
    const { modelHash } = await models.register('tiny', manifestBytes(aManifest('trunk')), owner);
    const stages = [{ workerId: WORKER, from: 0, to: 1, experts: [] }];
    const placement = { modelHash, shape: 'island' as const, stages, predictedTpotMs: 1, rejected: [] };
    await setModelState(store, 'tiny', { state: 'ready', reason: 'placed', placement });

    const view = await models.place('tiny', { shape: 'island', spread: true });

    expect(view).to.include({ state: 'placing', placement: null });
  });

  it('error NOT_FOUND_MODEL: each of them for a model that is not there', async () => {
    await expectError(models.get('x'), 'NOT_FOUND_MODEL');
    await expectError(models.manifest('x'), 'NOT_FOUND_MODEL');
    await expectError(models.remove('x'), 'NOT_FOUND_MODEL');
    await expectError(models.place('x', { shape: null, spread: false }), 'NOT_FOUND_MODEL');
    await expectError(models.unload('x'), 'NOT_FOUND_MODEL');
  });
});
