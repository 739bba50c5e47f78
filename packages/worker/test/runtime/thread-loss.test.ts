import type { Worker } from 'node:worker_threads';
import type { PartId } from '@rios/sdk/ids';
import { expect } from 'chai';
import { createEngine } from '../../src/runtime/create-engine.ts';
import type { ModelFiles } from '../../src/runtime/engine.ts';
import type { ComputeEngine } from '../../src/runtime/measured-engine.ts';
import { ask, noNetwork, rejection, sampling, stageSpec } from './support/builders.ts';
import { allParts, groupParts, referenceCase, tinyModel } from './support/tiny-model.ts';

const PROMPT = { kind: 'text', text: 'The' } as const;

/** Threads are ended while they wait: inside a call, ONNX Runtime would end the process with them. */
describe('a compute thread dies', () => {
  let model: ModelFiles;
  let engine: ComputeEngine;
  /** The threads that this process started, newest last. */
  const threads: Worker[] = [];
  const remember = (thread: Worker) => void threads.push(thread);

  before(async () => {
    model = await tinyModel();
  });
  beforeEach(async () => {
    process.on('worker', remember);
    engine = await createEngine({ threads: 1 });
    await engine.load(model, allParts(model));
  });
  afterEach(async () => {
    process.off('worker', remember);
    await engine.stop();
  });

  it('error RUNTIME_SESSION: its sessions fail, and the next one works in the thread after it', async () => {
    const asked = Promise.withResolvers<void>();
    const silent = () => {
      asked.resolve();
      return new Promise<Uint8Array>(() => {});
    };
    const remote = [{ peerId: 'silent', parts: groupParts(model, () => true) }];
    const stage = await engine.openStage(stageSpec(model, { remote }), noNetwork({ experts: silent }));
    const { sessionId, modelHash } = stageSpec(model);
    const parts = ['experts.000.000' as PartId];
    const experts = await engine.openExperts({ sessionId, modelHash, parts, maxUnits: 10 });

    const running = rejection(ask(stage, PROMPT, sampling()));
    await asked.promise;
    await threads.at(-1)?.terminate();

    const error = await running;
    expect(error).to.include({ code: 'RUNTIME_SESSION', retryable: true });
    expect(await rejection(stage.close())).to.have.property('code', 'RUNTIME_SESSION');
    expect(await rejection(experts.run(0, new Uint8Array()))).to.have.property('code', 'RUNTIME_SESSION');
    const next = await engine.openStage(stageSpec(model), noNetwork());
    expect((await ask(next, PROMPT, sampling())).ids).to.deep.equal(
      referenceCase('one-token').greedy.slice(0, 16),
    );
    expect(engine.sessions).to.equal(1);
    await next.close();
  });

  it('behaviour: a later stage in it tells the first stage', async () => {
    const failed = Promise.withResolvers<Error>();
    const spec = stageSpec(model, { from: 2, first: false, hasNext: true });
    await engine.openStage(spec, noNetwork({ failed: failed.resolve }));

    await threads.at(-1)?.terminate();

    expect(await failed.promise).to.have.property('code', 'RUNTIME_SESSION');
  });

  it('behaviour: what was unloaded is not loaded again', async () => {
    await engine.unload(model.modelHash, ['head' as PartId]);
    await threads.at(-1)?.terminate();

    const error = await rejection(engine.openStage(stageSpec(model), noNetwork()));

    expect(error).to.have.deep.property('details', { part: 'head' });
  });
});
