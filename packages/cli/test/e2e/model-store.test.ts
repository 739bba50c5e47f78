import { createHash } from 'node:crypto';
import { cp, open, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { splitModel } from '@rios/sdk/model/split';
import { CHUNK_BYTES, MANIFEST_PATH } from '@rios/sdk/schema/manifest';
import { expect } from 'chai';
import type { ApiServer } from '../support/api-server.ts';
import { type BlobStore, createBlobStore } from '../support/blob-store.ts';
import { jsonOf, runCli, temporaryDirectory } from '../support/run-cli.ts';

const TINY_MOE = fileURLToPath(new URL('../../../../examples/models/tiny-moe', import.meta.url));

describe('rios model push, pull, remove', () => {
  let place: Awaited<ReturnType<typeof temporaryDirectory>>;
  let bundle: string;
  let store: BlobStore;
  let server: ApiServer;

  before(async function () {
    this.timeout(60_000);
    place = await temporaryDirectory();
    bundle = join(place.path, 'bundle');
    await splitModel({ source: TINY_MOE, out: bundle, by: 'experts' });
  });
  after(() => place.remove());
  beforeEach(async () => {
    store = createBlobStore();
    server = await store.serve();
  });
  afterEach(() => server.close());

  const push = (from = bundle) => runCli(['model', 'push', from, '--json'], { env: server.env });
  const pull = (out: string) =>
    runCli(['model', 'pull', 'tiny-moe', '--out', out, '--json'], { env: server.env });

  async function changeByte(file: string, at: number): Promise<void> {
    const opened = await open(file, 'r+');
    await opened.write(Uint8Array.of(0xa5), 0, 1, at);
    await opened.close();
  }

  it('default', async () => {
    const pushed = await push();
    const out = join(place.path, 'pulled');
    const pulled = await pull(out);

    expect([pushed.code, pulled.code]).to.deep.equal([0, 0]);
    const names = (await readdir(bundle, { recursive: true, withFileTypes: true })).filter((entry) =>
      entry.isFile(),
    );
    for (const entry of names) {
      const file = join(entry.parentPath, entry.name);
      const copy = file.replace(bundle, out);
      expect((await readFile(copy)).equals(await readFile(file)), copy).to.equal(true);
    }
    expect(jsonOf<{ modelHash: string }>(pulled).modelHash).to.equal(
      createHash('sha256')
        .update(await readFile(join(bundle, MANIFEST_PATH)))
        .digest('hex'),
    );
  });

  it('behaviour: what the network has already is not sent again', async () => {
    const first = jsonOf<{ sentBytes: number; presentBytes: number }>(await push());
    const second = jsonOf<{ sentBytes: number; presentBytes: number }>(await push());

    expect(first.sentBytes).to.be.greaterThan(0);
    expect(first.presentBytes).to.equal(0);
    expect(second).to.include({ sentBytes: 0, presentBytes: first.sentBytes });
  });

  it('behaviour: a push that was cut off goes on where it was', async () => {
    store.failAfterChunks = 10;
    const cut = await push();
    store.failAfterChunks = undefined;
    const again = await push();

    expect(cut.code).to.equal(13);
    expect(again.code).to.equal(0);
    expect(jsonOf<{ presentBytes: number }>(again).presentBytes).to.be.greaterThan(0);
    expect(store.registered).to.have.length(1);
  });

  it('behaviour: what the network lost in the middle of a push is sent again', async () => {
    store.loseChunk = 3;
    const pushed = await push();
    const pulled = await pull(join(place.path, 'whole'));

    expect([pushed.code, pulled.code]).to.deep.equal([0, 0]);
    expect(server.calls.filter(({ route }) => route === 'missingChunks')).to.have.length(2);
  });

  it('behaviour: no chunk is larger than the limit, each is sent with its blob size', async () => {
    await push();

    for (const call of server.calls.filter(({ route }) => route === 'putChunk')) {
      expect(call.body.length, call.params.sha256).to.be.at.most(CHUNK_BYTES);
      expect(Number(call.query.get('sizeBytes'))).to.be.at.least(call.body.length);
    }
  });

  it('error INTEGRITY_HASH: a changed file of the bundle is not sent', async () => {
    const changed = join(place.path, 'changed');
    await cp(bundle, changed, { recursive: true });
    await changeByte(join(changed, 'shards', 'embed.bin'), 4096);

    const result = await push(changed);

    expect(result.code).to.equal(10);
    expect(jsonOf(result).error.code).to.equal('INTEGRITY_HASH');
    expect(store.registered).to.have.length(0);
  });

  for (const [what, corrupt] of [
    ['a changed chunk', (bytes: Buffer) => Buffer.concat([bytes.subarray(0, -1), Buffer.of(0xff)])],
    ['a chunk cut short', (bytes: Buffer) => bytes.subarray(0, -1)],
    ['a chunk that does not end', (bytes: Buffer) => Buffer.concat([bytes, bytes])],
  ] as const) {
    it(`error INTEGRITY_HASH: the server sends ${what}; nothing is left behind`, async () => {
      await push();
      store.corrupt = corrupt;
      const out = join(place.path, 'bad');

      const result = await pull(out);

      expect(result.code).to.equal(10);
      expect((await readdir(place.path)).filter((name) => name.startsWith('bad'))).to.deep.equal([]);
    });
  }

  it('error CONFLICT_EXISTS: the folder of a pull is there already', async () => {
    expect((await pull(bundle)).code).to.equal(6);
    expect(server.calls).to.have.length(0);
  });

  it('error NOT_FOUND_FILE: no bundle there', async () => {
    const result = await push(join(place.path, 'nothing'));

    expect(result.code).to.equal(5);
    expect(jsonOf(result).error.code).to.equal('NOT_FOUND_FILE');
  });

  it('error USER_CONFIRMATION_NEEDED: remove asks, and here nobody can answer', async () => {
    const result = await runCli(['model', 'remove', 'tiny-moe'], { env: server.env, input: 'y\n' });

    expect(result).to.include({ code: 2, stdout: '' });
    expect(result.stderr).to.include('USER_CONFIRMATION_NEEDED').and.include('--yes');
    expect(server.calls).to.have.length(0);
  });

  it('option: yes removes without a question', async () => {
    await push();

    const result = await runCli(['model', 'remove', 'tiny-moe', '--yes', '--json'], { env: server.env });

    expect(result.code).to.equal(0);
    expect(server.names().at(-1)).to.equal('removeModel');
  });
});
