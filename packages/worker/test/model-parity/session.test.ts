import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { splitModel } from '@rios/sdk/model/split';
import {
  expertGraphPath,
  expertsShardPath,
  HEAD_GRAPH_PATH,
  HEAD_SHARD_PATH,
} from '@rios/sdk/schema/manifest';
import { assert } from 'chai';
import { TINY_CHECKPOINT } from '../runtime/support/tiny-model.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { openGraph } from './run-bundle.ts';

async function openError(directory: string, path: string): Promise<string> {
  try {
    await openGraph(directory, path);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  throw new Error('the session was opened');
}

describe('a session opened from a graph of a bundle', () => {
  let directory: string;
  let bundle: string;

  before(async () => {
    directory = tempFolder();
    bundle = join(directory, 'bundle');
    await splitModel({ source: TINY_CHECKPOINT, out: bundle, by: 'experts' });
  });

  it('maps its weights from the shard instead of copying them', async function () {
    if (process.platform !== 'linux') this.skip();
    const session = await openGraph(bundle, HEAD_GRAPH_PATH);
    const maps = await readFile('/proc/self/maps', 'utf8');
    assert.include(maps, join(bundle, HEAD_SHARD_PATH));
    await session.release();
  });

  it('is refused when its weights are to come from outside the bundle', async () => {
    const graph = await readFile(join(bundle, HEAD_GRAPH_PATH));
    const outside = `../${'x'.repeat(HEAD_SHARD_PATH.length - 3)}`;
    const absolute = `/${'x'.repeat(HEAD_SHARD_PATH.length - 1)}`;
    await writeFile(join(directory, outside.slice(3)), await readFile(join(bundle, HEAD_SHARD_PATH)));
    for (const [location, message] of [
      [outside, /escapes/],
      [absolute, /Absolute path not allowed/],
    ] as const) {
      const changed = Buffer.from(graph.toString('latin1').replaceAll(HEAD_SHARD_PATH, location), 'latin1');
      await writeFile(join(bundle, 'trunk/changed.onnx'), changed);
      assert.match(await openError(bundle, 'trunk/changed.onnx'), message);
    }
  });

  it('is refused when its shard is shorter than the graph says', async () => {
    const path = join(bundle, expertsShardPath(0, 0));
    const bytes = await readFile(path);
    await writeFile(path, bytes.subarray(0, bytes.length - 4096));
    assert.isNotEmpty(await openError(bundle, expertGraphPath(0, 1)));
    await writeFile(path, bytes);
    const session = await openGraph(bundle, expertGraphPath(0, 1));
    await session.release();
  });
});
