import { createHash, randomBytes } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { CHUNK_BYTES } from '@rios/sdk/schema/manifest';
import { expect } from 'chai';
import type { Restartable } from '../support/restartable.ts';
import { type SharedNetwork, startSharedNetwork } from '../support/two-orchestrators.ts';
import { until } from '../support/until.ts';
import { describeWithServers } from '../support/with-servers.ts';

const CHUNK_MS = 30_000;

describeWithServers((servers) => {
  describe('blobs of two orchestrators', function () {
    this.timeout(120_000);
    let network: SharedNetwork;
    let a: Restartable;
    let b: Restartable;
    beforeEach(async () => {
      network = await startSharedNetwork({ servers, workers: 0 });
      [a, b] = [network.at(0), network.at(1)];
    });
    afterEach(() => network?.stop());

    const aBlob = (sizeBytes: number) => {
      const bytes = randomBytes(sizeBytes);
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      return { bytes, sha256, sizeBytes, count: Math.ceil(sizeBytes / CHUNK_BYTES) };
    };
    type Blob = ReturnType<typeof aBlob>;
    const send = ({ client }: Restartable, { bytes, sha256, sizeBytes }: Blob, index: number) =>
      client.putChunk({
        params: { sha256, index },
        query: { sizeBytes },
        body: bytes.subarray(index * CHUNK_BYTES, (index + 1) * CHUNK_BYTES),
        timeoutMs: CHUNK_MS,
      });
    const missing = async ({ client }: Restartable, { sha256, sizeBytes }: Blob) => {
      const body = { blobs: [{ sha256, sizeBytes }] };
      return (await client.missingChunks({ body, timeoutMs: CHUNK_MS })).missing[0]?.chunks ?? [];
    };
    const download = async ({ client }: Restartable, { sha256 }: Blob) => {
      const hash = createHash('sha256');
      for await (const bytes of await client.getBlob({ params: { sha256 }, timeoutMs: CHUNK_MS })) {
        hash.update(bytes);
      }
      return hash.digest('hex');
    };
    const filesOf = async ({ dataDir }: Restartable) =>
      (await readdir(join(dataDir, 'blobs'), { recursive: true }))
        .map((path) => path.split('/').at(-1) ?? '')
        .filter((name) => name.length >= 64)
        .toSorted();

    // bug: at the very start one took the upload over from the other, whom it did not know yet
    it('default: an upload spread over both is one, and either gives it back', async () => {
      const blob = aBlob(5 * CHUNK_BYTES + 11);

      const sent = Array.from({ length: blob.count }, (_, index) => send(index % 2 ? a : b, blob, index));
      const answers = await Promise.all(sent);

      expect(answers.filter(({ complete }) => complete)).to.have.length(1);
      expect(await missing(a, blob)).to.deep.equal([]);
      expect(await download(a, blob)).to.equal(blob.sha256);
      expect(await download(b, blob)).to.equal(blob.sha256);
      await until('no rest of the upload', async () => {
        const [first, second] = [await filesOf(a), await filesOf(b)];
        return first.join() === blob.sha256 && second.join() === blob.sha256 ? true : undefined;
      });
    });

    it('behaviour: the home is killed in mid-upload: the upload goes on at the other', async () => {
      const blob = aBlob(3 * CHUNK_BYTES);
      await send(a, blob, 0);
      expect(await missing(b, blob)).to.deep.equal([1, 2]);

      await a.kill();
      for (let tries = 0; tries < 3; tries++) {
        for (const index of await missing(b, blob)) await send(b, blob, index);
      }

      expect(await missing(b, blob)).to.deep.equal([]);
      expect(await download(b, blob)).to.equal(blob.sha256);
      await a.restart();
      expect(await filesOf(a)).to.deep.equal([]);
      expect(await download(a, blob)).to.equal(blob.sha256);
    });

    it('behaviour: every file of a model comes to the other, and goes with the model', async () => {
      await network.pushTinyMoe(a);

      const files = await until('all files at the other', async () => {
        const [first, second] = [await filesOf(a), await filesOf(b)];
        return first.length > 0 && first.join() === second.join() ? first : undefined;
      });
      await a.kill();
      await b.client.removeModel({ params: { name: 'tiny-moe' } });
      expect(await filesOf(b)).to.deep.equal([]);
      expect(await filesOf(a)).to.deep.equal(files);
      await a.restart();
      expect(await filesOf(a)).to.deep.equal([]);
    });
  });
});
