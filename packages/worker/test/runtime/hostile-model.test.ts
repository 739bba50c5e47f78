import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256Of } from '@rios/sdk/crypto/hash';
import type { Input } from '@rios/sdk/schema/inference';
import { CHAT_TEMPLATE_PATH } from '@rios/sdk/schema/manifest';
import { expect } from 'chai';
import { createEngine } from '../../src/runtime/create-engine.ts';
import type { ModelFiles } from '../../src/runtime/engine.ts';
import type { ComputeEngine } from '../../src/runtime/measured-engine.ts';
import { ask, noNetwork, rejection, sampling, stageSpec } from './support/builders.ts';
import { allParts, copyOfTinyModel, referenceCase } from './support/tiny-model.ts';

const CHAT: Input = { kind: 'chat', messages: [{ role: 'user', content: 'The' }] };

describe('a model whose chat template is hostile', function () {
  this.timeout(30_000);
  let engine: ComputeEngine;
  beforeEach(async () => {
    engine = await createEngine({ threads: 1 });
  });
  afterEach(() => engine.stop());

  const templates = {
    'never ends': `${'{% for i in range(90000) %}'.repeat(4)}${'{% endfor %}'.repeat(4)}`,
    'would fill the memory': '{% for i in range(100000000000) %}{% endfor %}',
  };
  for (const [what, template] of Object.entries(templates)) {
    it(`error MODEL_BUNDLE_INVALID: one that ${what}; the thread answers the next prompt`, async () => {
      const model = await withTemplate(template);
      await engine.load(model, allParts(model));
      const stage = await engine.openStage(stageSpec(model), noNetwork());

      const error = await rejection(ask(stage, CHAT, sampling()));
      await stage.close();

      expect(error).to.have.property('code', 'MODEL_BUNDLE_INVALID');
      const next = await engine.openStage(stageSpec(model), noNetwork());
      const answer = await ask(next, { kind: 'text', text: 'The' }, sampling());
      await next.close();
      expect(answer.ids).to.deep.equal(referenceCase('one-token').greedy.slice(0, 16));
    });
  }
});

/** The example model with another chat template, named by its manifest as a bundle's would be. */
async function withTemplate(template: string): Promise<ModelFiles> {
  const model = await copyOfTinyModel();
  const bytes = Buffer.from(template);
  await writeFile(join(model.directory, CHAT_TEMPLATE_PATH), bytes);
  const sha256 = sha256Of(bytes);
  const file = { path: CHAT_TEMPLATE_PATH, sizeBytes: bytes.length, sha256, chunks: [sha256] };
  const files = model.manifest.files.filter(({ path }) => path !== CHAT_TEMPLATE_PATH);
  return { ...model, manifest: { ...model.manifest, files: [...files, file] } };
}
