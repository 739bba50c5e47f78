import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { routes } from '@rios/sdk/api/routes';
import { readManifest } from '@rios/sdk/model/bundle';
import { splitModel } from '@rios/sdk/model/split';
import { modelListSchema, modelViewSchema } from '@rios/sdk/schema/api';
import { CHUNK_BYTES } from '@rios/sdk/schema/manifest';
import { expect } from 'chai';
import { type OrchestratorProcess, startOrchestrator } from './support/orchestrator-process.ts';
import { ask } from './support/small-gateway.ts';
import { createTempDirectory } from './support/temp-directory.ts';

const SOURCE = fileURLToPath(new URL('../../../examples/models/tiny-moe', import.meta.url));

describe('pushing a real model', () => {
  let directory: Awaited<ReturnType<typeof createTempDirectory>>;
  let bundle: string;
  let orchestrator: OrchestratorProcess;
  before(async () => {
    directory = await createTempDirectory();
    bundle = join(directory.path, 'bundle');
    await splitModel({ source: SOURCE, out: bundle, by: 'experts' });
    orchestrator = await startOrchestrator({ dataDir: join(directory.path, 'orchestrator') });
  });
  after(async () => {
    await orchestrator.kill('SIGKILL');
    await directory.remove();
  });
  const asks = (path: string, method = 'GET', body?: string | Uint8Array) =>
    ask(orchestrator.apiUrl, path, {
      method,
      token: orchestrator.token,
      ...(body === undefined ? {} : { body }),
    });
  const upload = async () => {
    const { manifest } = await readManifest(bundle);
    const blobs = manifest.files.map(({ sha256, sizeBytes }) => ({ sha256, sizeBytes }));
    const asked = await asks('/v1/blobs/missing', 'POST', JSON.stringify({ blobs }));
    const { missing } = routes.missingChunks.answer.parse(asked.json());
    for (const { sha256, chunks } of missing) {
      const file = manifest.files.find((one) => one.sha256 === sha256);
      const bytes = await readFile(join(bundle, file?.path ?? ''));
      for (const index of chunks) {
        const path = `/v1/blobs/${sha256}/chunks/${index}?sizeBytes=${bytes.byteLength}`;
        const answer = await asks(
          path,
          'PUT',
          bytes.subarray(index * CHUNK_BYTES, (index + 1) * CHUNK_BYTES),
        );
        expect(answer.status, answer.text).to.equal(200);
      }
    }
    return missing.length;
  };

  it('default: its files, then its manifest; then it is listed, and comes back bit for bit', async () => {
    const { bytes, modelHash, manifest } = await readManifest(bundle);
    const early = await asks('/v1/models/tiny', 'PUT', bytes);
    expect(early.error()).to.include({ code: 'NOT_FOUND_BLOB' });

    expect(await upload()).to.be.greaterThan(10);
    expect(await upload()).to.equal(0);
    const view = modelViewSchema.parse((await asks('/v1/models/tiny', 'PUT', bytes)).json());
    expect(view).to.include({ name: 'tiny', modelHash, state: 'stored' });

    const list = modelListSchema.parse((await asks('/v1/models')).json());
    expect(list.data.map(({ id }) => id)).to.deep.equal(['tiny']);
    const stored = await asks('/v1/models/tiny/manifest');
    expect(Buffer.from(stored.text, 'latin1').equals(bytes)).to.equal(true);
    const [file] = manifest.files;
    const blob = await asks(`/v1/blobs/${file?.sha256}`);
    expect(Buffer.from(blob.text, 'latin1').equals(await readFile(join(bundle, file?.path ?? '')))).to.equal(
      true,
    );
  });

  it('error MODEL_BUNDLE_INVALID: a manifest that is not one, or not in order', async () => {
    const { bytes } = await readManifest(bundle);
    const manifest = JSON.parse(Buffer.from(bytes).toString());
    manifest.parts.pop();

    for (const body of ['{}', 'no json', JSON.stringify(manifest)]) {
      const answer = await asks('/v1/models/other', 'PUT', body);
      expect(answer.error(), body.slice(0, 20)).to.include({ code: 'MODEL_BUNDLE_INVALID' });
    }
  });

  it('error CAPACITY_NO_WORKERS: asked before any worker joined, in OpenAI’s form', async () => {
    const answer = await asks('/v1/completions', 'POST', '{"model":"tiny","prompt":"Once"}');

    expect(answer.status).to.equal(503);
    expect(answer.error()).to.include({ code: 'CAPACITY_NO_WORKERS', type: 'server_error' });
  });

  it('behaviour: removed, its blobs are gone', async () => {
    const { manifest } = await readManifest(bundle);
    expect((await asks('/v1/models/tiny', 'DELETE')).json()).to.deep.equal({ ok: true });

    expect((await asks('/v1/models/tiny')).error()).to.include({ code: 'NOT_FOUND_MODEL' });
    const blob = await asks(`/v1/blobs/${manifest.files[0]?.sha256}`);
    expect(blob.error()).to.include({ code: 'NOT_FOUND_BLOB' });
  });
});
