import { readManifest } from '@rios/sdk/model/bundle';
import { createEngine } from '../../../src/runtime/create-engine.ts';
import { noNetwork, sampling, stageSpec } from './builders.ts';
import { allParts } from './tiny-model.ts';

/** A program: exits with 7 after some tokens, in the midst of the computing of two sessions. */
const [, , directory = '', afterParts = '1'] = process.argv;
const { manifest, modelHash } = await readManifest(directory);
const model = { manifest, modelHash, directory };
const engine = await createEngine({ threads: 2 });
await engine.load(model, allParts(model));
let parts = 0;
for (const id of [1, 2]) {
  const stage = await engine.openStage(stageSpec(model), noNetwork());
  const signal = new AbortController().signal;
  void stage.generate({ kind: 'ids', ids: [id] }, sampling({ maxTokens: 500 }), signal, () => {
    if (++parts === Number(afterParts)) process.exit(7);
  });
}
