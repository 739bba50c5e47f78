import { execFileSync } from 'node:child_process';
import { readdir, readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256Of } from '@rios/sdk/crypto/hash';
import { partFiles } from '@rios/sdk/model/bundle';
import { verifyFiles } from '@rios/sdk/model/verify-files';
import { peerSources } from '@rios/sdk/p2p/fetch-file';
import { HEAD_GRAPH_PATH } from '@rios/sdk/schema/manifest';
import { expect } from 'chai';
import { createModelStore, type ModelStoreOptions } from '../src/model-store.ts';
import type { ModelFiles } from '../src/runtime/engine.ts';
import { tinyModel } from './runtime/support/tiny-model.ts';
import { codeOf, failureOf } from './support/errors.ts';
import { assignedModel, type ChangeChunk, type FilesPeer, startFilesPeer } from './support/files-peer.ts';
import { tempFolder } from './support/temp-folder.ts';

describe('model store', function () {
  this.timeout(30_000);
  let model: ModelFiles;
  let reader: FilesPeer;
  const open: FilesPeer[] = [];

  before(async () => {
    model = await tinyModel();
    reader = await startFilesPeer(model);
  });
  afterEach(() => Promise.all(open.splice(0).map((peer) => peer.stop())));
  after(() => reader.stop());

  const startSource = async (change?: ChangeChunk) => {
    const source = await startFilesPeer(model, change);
    open.push(source);
    return source;
  };
  const storeOver = (sources: readonly FilesPeer[], overrides: Partial<ModelStoreOptions> = {}) => {
    const modelsDir = tempFolder();
    const members = sources.map(({ address }) => address);
    const sourcesOf = () => peerSources(reader.peer, members);
    return { store: createModelStore({ modelsDir, sourcesOf, ...overrides }), modelsDir };
  };
  const fetching = () => ({ onBytes: () => {}, signal: new AbortController().signal });
  const filesOf = (part: string) => partFiles(model.manifest, [part]);

  it('default: fetches the manifest and exactly the files of the part', async () => {
    const source = await startSource();
    const { store } = storeOver([source]);
    const seen: number[] = [];

    await store.fetchPart(await assignedModel(model, ['head']), 'head', {
      ...fetching(),
      onBytes: (bytes) => seen.push(bytes),
    });

    const { manifest, directory } = await store.modelFiles(model.modelHash);
    expect(manifest).to.deep.equal(model.manifest);
    for (const { path } of filesOf('head'))
      expect(
        (await readFile(join(directory, path))).equals(await readFile(join(model.directory, path))),
        path,
      ).to.equal(true);
    expect(await store.listFiles(model.modelHash)).to.have.members([
      model.modelHash,
      ...filesOf('head').map(({ sha256 }) => sha256),
    ]);
    expect(seen.at(-1)).to.equal(filesOf('head').reduce((sum, { sizeBytes }) => sum + sizeBytes, 0));
  });

  it('behaviour: every part together is the whole bundle', async () => {
    const { store } = storeOver([await startSource()]);
    const parts = model.manifest.parts.map(({ id }) => id);
    const assigned = await assignedModel(model, parts);

    await Promise.all(parts.map((part) => store.fetchPart(assigned, part, fetching())));

    const { directory, manifest } = await store.modelFiles(model.modelHash);
    await verifyFiles(directory, manifest, () => {});
  });

  it('behaviour: what is here is not fetched again, in a later process either', async () => {
    const source = await startSource();
    const { store, modelsDir } = storeOver([source]);
    const assigned = await assignedModel(model, ['head']);
    await store.fetchPart(assigned, 'head', fetching());
    const before = source.asked.length;

    const later = createModelStore({ modelsDir, sourcesOf: () => [] });
    await later.fetchPart(assigned, 'head', fetching());

    expect(source.asked).to.have.length(before);
    expect(await later.list()).to.deep.equal([model.modelHash]);
  });

  it('behaviour: a file with another byte than the manifest says is fetched again', async () => {
    const source = await startSource();
    const { store, modelsDir } = storeOver([source]);
    const assigned = await assignedModel(model, ['head']);
    await store.fetchPart(assigned, 'head', fetching());
    const damaged = join(modelsDir, model.modelHash, HEAD_GRAPH_PATH);
    const bytes = await readFile(damaged);
    bytes.writeUInt8(bytes.readUInt8(10) ^ 1, 10);
    await writeFile(damaged, bytes);

    const later = createModelStore({
      modelsDir,
      sourcesOf: () => peerSources(reader.peer, [source.address]),
    });
    await later.fetchPart(assigned, 'head', fetching());

    expect(sha256Of(await readFile(damaged))).to.equal(
      model.manifest.files.find(({ path }) => path === HEAD_GRAPH_PATH)?.sha256,
    );
  });

  it('behaviour: after a cut, only what is missing is fetched', async () => {
    let answers = 2;
    const source = await startSource((_, answer) => async (incoming, link) => {
      if (answers-- <= 0) await link.close();
      return await answer(incoming, link);
    });
    const { store } = storeOver([source]);
    const assigned = await assignedModel(model, ['head']);

    const cut = await failureOf(() => store.fetchPart(assigned, 'head', fetching()));
    const before = new Set(source.asked.slice(0, 2));
    answers = Number.POSITIVE_INFINITY;
    source.asked.length = 0;
    await store.fetchPart(assigned, 'head', fetching());

    expect(cut.retryable).to.equal(true);
    expect(before).to.have.property('size', 2);
    expect(source.asked.filter((sha256) => before.has(sha256))).to.deep.equal([]);
  });

  it('behaviour: a source that lies is left for one that does not', async () => {
    const liar = await startSource((_, answer) => async (incoming, link) => {
      const { meta, body } = await answer(incoming, link);
      return { meta, body: body.map((byte, i) => (i === 0 ? byte ^ 1 : byte)) };
    });
    const { store } = storeOver([liar, await startSource()]);

    await store.fetchPart(await assignedModel(model, ['head']), 'head', fetching());

    expect(liar.asked.length).to.be.greaterThan(0);
    expect(await store.listFiles(model.modelHash)).to.have.length(1 + filesOf('head').length);
  });

  it('behaviour: gives out what it has, and nothing that the manifest does not name', async () => {
    const { store } = storeOver([await startSource()]);
    await store.fetchPart(await assignedModel(model, ['head']), 'head', fetching());
    const [file] = filesOf('head');

    const found = await store.openFile(file?.sha256 ?? '', model.modelHash);

    expect(found?.sizeBytes).to.equal(file?.sizeBytes);
    expect((await store.openFile(model.modelHash, model.modelHash))?.path).to.match(/manifest\.json$/);
    expect(await store.openFile('0'.repeat(64), model.modelHash)).to.equal(undefined);
  });

  it('behaviour: removed files are gone', async () => {
    const { store } = storeOver([await startSource()]);
    await store.fetchPart(await assignedModel(model, ['head']), 'head', fetching());

    await store.remove(model.modelHash);

    expect(await store.list()).to.deep.equal([]);
    expect(await codeOf(() => store.modelFiles(model.modelHash))).to.equal('NOT_FOUND_MODEL');
  });

  it('error PEER_UNREACHABLE: no source has the right manifest', async () => {
    const liar = await startSource((_, answer) => async (incoming, link) => {
      const { meta, body } = await answer(incoming, link);
      return { meta, body: body.toReversed() };
    });
    const { store, modelsDir } = storeOver([liar]);

    const failure = await failureOf(async () =>
      store.fetchPart(await assignedModel(model, ['head']), 'head', fetching()),
    );

    expect(failure.code).to.equal('PEER_UNREACHABLE');
    expect(JSON.stringify(failure.details)).to.include('sha256 is not the model hash');
    expect(await readdir(join(modelsDir, model.modelHash))).to.deep.equal([]);
  });

  it('error CAPACITY_DISK: what cannot fit is not begun, and the details say by how much', async () => {
    const source = await startSource();
    const { store } = storeOver([source], { freeBytes: async () => 1000 });

    const failure = await failureOf(async () =>
      store.fetchPart(await assignedModel(model, ['head']), 'head', fetching()),
    );

    expect(failure.code).to.equal('CAPACITY_DISK');
    expect(failure.details).to.deep.include({ freeBytes: 1000 });
    expect(source.asked).to.deep.equal([model.modelHash]);
  });

  it('error CAPACITY_DISK: a disk that fills up while fetching (a real one), and success once there is room', async function () {
    const disk = mountTinyDisk('2m');
    if (disk === undefined) return this.skip();
    const filler = join(disk, 'filler');
    await writeFile(filler, Buffer.alloc(1_400_000));
    const source = await startSource();
    const sourcesOf = () => peerSources(reader.peer, [source.address]);
    const store = createModelStore({
      modelsDir: join(disk, 'models'),
      sourcesOf,
      freeBytes: async () => 1e12,
    });
    const part = 'experts.000.000';
    const assigned = await assignedModel(model, [part]);

    const failure = await failureOf(() => store.fetchPart(assigned, part, fetching()));
    await truncate(filler, 0);
    await store.fetchPart(assigned, part, fetching());

    expect(failure.code).to.equal('CAPACITY_DISK');
    expect(await store.listFiles(model.modelHash)).to.have.length(1 + filesOf(part).length);
  });
});

/** A RAM disk of that size, gone with the tests; undefined where this user may not mount. */
function mountTinyDisk(size: string): string | undefined {
  const folder = tempFolder();
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', folder], { stdio: 'ignore' });
  } catch {
    return undefined;
  }
  after(() => execFileSync('umount', ['-l', folder]));
  return folder;
}
