import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readManifest } from '@rios/sdk/model/bundle';
import { splitModel } from '@rios/sdk/model/split';
import { assert } from 'chai';
import { argmax, logSumExp, worst } from './compare.ts';
import { createCaches, forward, type OpenBundle, openBundle } from './run-bundle.ts';

interface ReferenceCase {
  readonly name: string;
  readonly ids: readonly number[];
  readonly lastLogits: readonly number[];
  readonly logSumExp: readonly number[];
  readonly topPerPosition: readonly number[];
  readonly greedy: readonly number[];
}

const SOURCE = new URL('../../../../examples/models/tiny-moe/', import.meta.url).pathname;
const TOLERANCE = 1e-3;

describe('the split of tiny-moe, run with onnxruntime', function () {
  this.timeout(120_000);
  let directory: string;
  let bundle: OpenBundle;
  let cases: readonly ReferenceCase[];

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'rios-parity-'));
    const out = join(directory, 'bundle');
    await splitModel({ source: SOURCE, out, by: 'experts' });
    bundle = await openBundle(out, (await readManifest(out)).manifest);
    cases = JSON.parse(await readFile(join(SOURCE, 'reference.json'), 'utf8')).cases;
  });

  after(() => rm(directory, { recursive: true, force: true }));

  it('gives the logits of reference.json in one call, at every position', async () => {
    assert.isAtLeast(cases.length, 12);
    for (const { name, ids, ...expected } of cases) {
      const logits = await forward(bundle, ids, 0, createCaches(bundle.manifest));

      assert.lengthOf(logits, ids.length);
      assert.isBelow(worst(logits.at(-1) ?? [], expected.lastLogits), TOLERANCE, name);
      assert.isBelow(worst(logits.map(logSumExp), expected.logSumExp), TOLERANCE, name);
      assert.deepEqual(logits.map(argmax), expected.topPerPosition, name);
    }
  });

  it('gives the greedy continuations of reference.json token for token, over the cache', async () => {
    for (const { name, ids, greedy } of cases) {
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
