import { join } from 'node:path';
import { readManifest } from '@rios/sdk/model/bundle';
import { splitModel } from '@rios/sdk/model/split';
import { assert } from 'chai';
import { referenceCases, TINY_CHECKPOINT } from '../runtime/support/tiny-model.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { argmax, logSumExp, worst } from './compare.ts';
import { createCaches, forward, type OpenBundle, openBundle } from './run-bundle.ts';

const TOLERANCE = 1e-3;

describe('the split of tiny-moe, run with onnxruntime', function () {
  this.timeout(120_000);
  let bundle: OpenBundle;

  before(async () => {
    const out = join(tempFolder(), 'bundle');
    await splitModel({ source: TINY_CHECKPOINT, out, by: 'experts' });
    bundle = await openBundle(out, (await readManifest(out)).manifest);
  });

  it('gives the logits of reference.json in one call, at every position', async () => {
    assert.isAtLeast(referenceCases.length, 12);
    for (const { name, ids, ...expected } of referenceCases) {
      const logits = await forward(bundle, ids, 0, createCaches(bundle.manifest));

      assert.lengthOf(logits, ids.length);
      assert.isBelow(worst(logits.at(-1) ?? [], expected.lastLogits), TOLERANCE, name);
      assert.isBelow(worst(logits.map(logSumExp), expected.logSumExp), TOLERANCE, name);
      assert.deepEqual(logits.map(argmax), expected.topPerPosition, name);
    }
  });

  it('gives the greedy continuations of reference.json token for token, over the cache', async () => {
    for (const { name, ids, greedy } of referenceCases) {
      const caches = createCaches(bundle.manifest);
      const generated: number[] = [];
      let next = ids;
      let position = 0;
      while (generated.length < greedy.length) {
        const logits = await forward(bundle, next, position, caches);
        position += next.length;
        next = [argmax(logits.at(-1) ?? [])];
        generated.push(...next);
      }

      assert.deepEqual(generated, greedy, name);
    }
  });
});
