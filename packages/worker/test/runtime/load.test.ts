import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PartId } from '@rios/sdk/ids';
import { expect } from 'chai';
import { createEngine } from '../../src/runtime/create-engine.ts';
import type { ModelFiles } from '../../src/runtime/engine.ts';
import type { ComputeEngine } from '../../src/runtime/measured-engine.ts';
import { ask, noNetwork, rejection, sampling, stageSpec } from './support/builders.ts';
import { allParts, copyOfTinyModel, referenceCase, tinyModel } from './support/tiny-model.ts';

/** Changes one byte in the middle of a file. */
async function flipByte(model: ModelFiles, path: string): Promise<void> {
  const file = join(model.directory, path);
  const bytes = await readFile(file);
  const middle = Math.floor(bytes.length / 2);
  bytes.writeUInt8(bytes.readUInt8(middle) ^ 1, middle);
  await writeFile(file, bytes);
}

const PROMPT = { kind: 'text', text: 'The' } as const;
const EXPECTED = referenceCase('one-token').greedy.slice(0, 16);

describe('load', () => {
  let engine: ComputeEngine;
  beforeEach(async () => {
    engine = await createEngine({ threads: 2 });
  });
  afterEach(() => engine.stop());

  it('default: every thread can take a session; loading again changes nothing', async () => {
    const model = await tinyModel();
    await engine.load(model, allParts(model));
    await engine.load(model, allParts(model));

    const stages = await Promise.all([1, 2, 3].map(() => engine.openStage(stageSpec(model), noNetwork())));
    expect(engine.sessions).to.equal(3);
    const answers = await Promise.all(stages.map((stage) => ask(stage, PROMPT, sampling())));

    for (const { ids } of answers) expect(ids).to.deep.equal(EXPECTED);
    await Promise.all(stages.map((stage) => stage.close()));
    expect(engine.sessions).to.equal(0);
  });

  it('behaviour: parts loaded one by one, at the same time, work as loaded together', async () => {
    const model = await tinyModel();
    await Promise.all(allParts(model).map((part) => engine.load(model, [part])));

    const stage = await engine.openStage(stageSpec(model), noNetwork());

    expect((await ask(stage, PROMPT, sampling())).ids).to.deep.equal(EXPECTED);
  });

  it('behaviour: an open session keeps what is unloaded meanwhile; a new one does not get it', async () => {
    const model = await tinyModel();
    await engine.load(model, allParts(model));
    const stage = await engine.openStage(stageSpec(model), noNetwork());
    await engine.unload(model.modelHash, allParts(model));
    await engine.unload(model.modelHash, allParts(model));

    expect((await ask(stage, PROMPT, sampling())).ids).to.deep.equal(EXPECTED);
    await stage.close();
    const error = await rejection(engine.openStage(stageSpec(model), noNetwork()));
    expect(error).to.have.property('code', 'RUNTIME_SESSION');
  });

  it('behaviour: what was unloaded can be loaded again', async () => {
    const model = await tinyModel();
    await engine.load(model, allParts(model));
    await engine.unload(model.modelHash, allParts(model));
    await engine.load(model, allParts(model));

    const stage = await engine.openStage(stageSpec(model), noNetwork());
    expect((await ask(stage, PROMPT, sampling())).ids).to.deep.equal(EXPECTED);
  });

  for (const path of ['experts/002/003.onnx', 'shards/trunk.001.bin', 'shards/embed.bin', 'tokenizer.json']) {
    it(`error INTEGRITY_HASH: one byte of ${path} is changed`, async () => {
      const model = await copyOfTinyModel();
      await flipByte(model, path);

      const error = await rejection(engine.load(model, allParts(model)));

      expect(error).to.have.property('code', 'INTEGRITY_HASH');
      expect(error).to.have.deep.property('details', { path });
      expect(await rejection(engine.openStage(stageSpec(model), noNetwork()))).to.have.property(
        'code',
        'RUNTIME_SESSION',
      );
    });
  }

  it('error INTEGRITY_HASH: a truncated shard', async () => {
    const model = await copyOfTinyModel();
    const file = join(model.directory, 'shards/head.bin');
    await writeFile(file, (await readFile(file)).subarray(0, -1));

    expect(await rejection(engine.load(model, ['head' as PartId]))).to.have.property(
      'code',
      'INTEGRITY_HASH',
    );
  });

  it('error MODEL_BUNDLE_INVALID: a missing file; once it is there, loading works', async () => {
    const model = await copyOfTinyModel();
    const file = join(model.directory, 'experts/000/001.onnx');
    const bytes = await readFile(file);
    await rm(file);

    const error = await rejection(engine.load(model, allParts(model)));
    await writeFile(file, bytes);
    await engine.load(model, allParts(model));

    expect(error).to.have.property('code', 'MODEL_BUNDLE_INVALID');
    const stage = await engine.openStage(stageSpec(model), noNetwork());
    expect((await ask(stage, PROMPT, sampling())).ids).to.deep.equal(EXPECTED);
  });

  it('behaviour: a part that does not load leaves the others as they were', async () => {
    const model = await copyOfTinyModel();
    const damaged = 'experts.003.003' as PartId;
    const sound = allParts(model).filter((part) => part !== damaged);
    await flipByte(model, 'shards/experts.003.003.bin');
    await engine.load(model, sound);

    expect(await rejection(engine.load(model, [damaged]))).to.have.property('code', 'INTEGRITY_HASH');

    const { sessionId, modelHash } = stageSpec(model);
    const parts = ['experts.003.002' as PartId];
    const session = await engine.openExperts({ sessionId, modelHash, parts, maxUnits: 1 });
    await session.close();
  });

  it('error MODEL_BUNDLE_INVALID: a part that the model does not have', async () => {
    const model = await tinyModel();

    const error = await rejection(engine.load(model, ['trunk.009' as PartId]));

    expect(error).to.have.property('code', 'MODEL_BUNDLE_INVALID');
  });

  it('error MODEL_BUNDLE_INVALID: a graph that is not what its part must be', async () => {
    const model = await copyOfTinyModel();
    const path = 'trunk/000.onnx';
    const bytes = await readFile(join(model.directory, 'experts/000/000.onnx'));
    await writeFile(join(model.directory, path), bytes);
    const expert = model.manifest.files.find((file) => file.path === 'experts/000/000.onnx');
    const files = model.manifest.files.map((file) => (file.path === path ? { ...expert, path } : file));
    const swapped = { ...model, manifest: { ...model.manifest, files } } as ModelFiles;

    expect(await rejection(engine.load(swapped, ['trunk.000' as PartId]))).to.have.property(
      'code',
      'MODEL_BUNDLE_INVALID',
    );
  });

  it('error PEER_PROTOCOL: a stage of layers that the model does not have', async () => {
    const model = await tinyModel();
    await engine.load(model, allParts(model));

    const error = await rejection(engine.openStage(stageSpec(model, { to: 5 }), noNetwork()));

    expect(error).to.have.property('code', 'PEER_PROTOCOL');
    expect(engine.sessions).to.equal(0);
  });

  it('error RUNTIME_SESSION: after stop nothing opens, and stop may be called twice', async () => {
    const model = await tinyModel();
    await engine.load(model, allParts(model));
    await engine.stop();
    await engine.stop();

    expect(await rejection(engine.openStage(stageSpec(model), noNetwork()))).to.have.property(
      'code',
      'RUNTIME_SESSION',
    );
  });
});
