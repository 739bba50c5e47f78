import { monitorEventLoopDelay } from 'node:perf_hooks';
import { expect } from 'chai';
import { createEngine } from '../../src/runtime/create-engine.ts';
import { ask, noNetwork, sampling, stageSpec } from './support/builders.ts';
import { allParts, referenceCase, tinyModel } from './support/tiny-model.ts';

/** The bar is 20 ms for a worker that serves; machines that run tests are busier than that. */
const MAX_P99_MS = 40;

describe('main thread', () => {
  it('behaviour: its event loop stays free while sessions load and generate', async () => {
    const model = await tinyModel();
    const engine = await createEngine({ threads: 2 });
    const delay = monitorEventLoopDelay({ resolution: 2 });
    delay.enable();

    await engine.load(model, allParts(model));
    const input = { kind: 'text', text: referenceCase('long').prompt } as const;
    for (let round = 0; round < 3; round++) {
      const stages = await Promise.all([1, 2].map(() => engine.openStage(stageSpec(model), noNetwork())));
      await Promise.all(
        stages.map((stage) => ask(stage, input, sampling({ maxTokens: 100, logprobs: 5, echo: true }))),
      );
      await Promise.all(stages.map((stage) => stage.close()));
    }

    delay.disable();
    await engine.stop();
    expect(delay.count).to.be.greaterThan(100);
    expect(delay.percentile(99) / 1e6).to.be.lessThan(MAX_P99_MS);
  });
});
