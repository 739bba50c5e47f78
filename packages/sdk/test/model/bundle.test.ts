import { cp, open, readdir, readFile, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { assert } from 'chai';
import { parseManifest, partFiles, readManifest } from '../../src/model/bundle.ts';
import { inspectBundle } from '../../src/model/inspect.ts';
import { splitModel } from '../../src/model/split.ts';
import { verifyFiles } from '../../src/model/verify-files.ts';
import type { Manifest } from '../../src/schema/manifest.ts';
import { withTemp } from '../support/temp-folder.ts';
import { writeMixtral } from './support/mixtral-checkpoint.ts';
import { rejects } from './support/throws.ts';

async function withBundle<T>(use: (bundle: string, manifest: Manifest) => Promise<T>): Promise<T> {
  return withTemp(async (directory) => {
    const source = join(directory, 'source');
    const out = join(directory, 'bundle');
    await writeMixtral(source);
    await splitModel({ source, out, by: 'experts' });
    return use(out, (await readManifest(out)).manifest);
  });
}

async function flipByte(path: string, at: number): Promise<void> {
  const file = await open(path, 'r+');
  const byte = Buffer.alloc(1);
  await file.read(byte, 0, 1, at);
  byte[0] = (byte[0] ?? 0) ^ 1;
  await file.write(byte, 0, 1, at);
  await file.close();
}

const verify = async (bundle: string) => verifyFiles(bundle, (await readManifest(bundle)).manifest);

/** The manifest changed by hand, and parsed again. */
function parseChanged(
  manifest: Manifest,
  change: (copy: Manifest & Record<string, unknown>) => void,
): Manifest {
  const copy = structuredClone(manifest);
  change(copy);
  return parseManifest(Buffer.from(JSON.stringify(copy)));
}

describe('verifyFiles', () => {
  it('default: accepts what was written, and counts every byte', async () => {
    await withBundle(async (bundle, manifest) => {
      let last: [number, number] = [0, 0];
      await verifyFiles(bundle, manifest, (done, total) => {
        assert.isAbove(done, last[0]);
        last = [done, total];
      });
      assert.equal(last[0], last[1]);
      assert.equal(
        last[1],
        manifest.files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
      );
    });
  });

  it('error INTEGRITY_HASH: one byte changed in any file, first, middle or last, names the file', async () => {
    await withBundle(async (bundle) => {
      const entries = await readdir(bundle, { recursive: true, withFileTypes: true });
      const paths = entries
        .filter((entry) => entry.isFile())
        .map(({ parentPath, name }) => join(parentPath, name));
      assert.isAbove(paths.length, 20);
      for (const path of paths) {
        const { length } = await readFile(path);
        for (const at of [0, Math.floor(length / 2), length - 1]) {
          await flipByte(path, at);
          const error = await rejects('INTEGRITY_HASH', () => verify(bundle));
          const named = path.slice(bundle.length + 1).replace('manifest.sha256', 'manifest.json');
          assert.equal(error.details?.path, named);
          await flipByte(path, at);
        }
      }
      await verify(bundle);
    });
  });

  it('error INTEGRITY_HASH: a file that is missing, shorter, longer, or a directory', async () => {
    await withBundle(async (bundle) => {
      const path = join(bundle, 'shards/head.bin');
      const bytes = await readFile(path);
      const refused = async (message: RegExp) => {
        const error = await rejects('INTEGRITY_HASH', () => verify(bundle));
        assert.equal(error.details?.path, 'shards/head.bin');
        assert.match(error.message, message);
      };

      await truncate(path, bytes.length - 1);
      await refused(/bytes, not/);
      await writeFile(path, Buffer.concat([bytes, Buffer.alloc(1)]));
      await refused(/bytes, not/);
      await rm(path);
      await refused(/missing/);
      await symlink(bundle, path);
      await refused(/bytes, not|missing/);
    });
  });
});

describe('readManifest', () => {
  it('behaviour: a fetched copy without the digest file is read too', async () => {
    await withBundle(async (bundle) => {
      const { modelHash } = await readManifest(bundle);
      await rm(join(bundle, 'manifest.sha256'));
      assert.equal((await readManifest(bundle)).modelHash, modelHash);
    });
  });

  it('error NOT_FOUND_FILE: not a bundle', () =>
    withTemp((directory) => rejects('NOT_FOUND_FILE', () => readManifest(directory))));

  it('error INTEGRITY_HASH: a changed manifest is refused before it is parsed', async () => {
    await withBundle(async (bundle) => {
      await writeFile(join(bundle, 'manifest.json'), 'no JSON at all');
      const error = await rejects('INTEGRITY_HASH', () => readManifest(bundle));
      assert.equal(error.details?.path, 'manifest.json');
    });
  });
});

describe('parseManifest', () => {
  it('error MODEL_BUNDLE_INVALID: bytes that are no manifest', async () => {
    for (const text of ['', '{', '[]', 'null', '{"format":"rios.split/2"}'])
      await rejects('MODEL_BUNDLE_INVALID', () => parseManifest(Buffer.from(text)));
    await rejects('MODEL_BUNDLE_INVALID', () => parseManifest(Uint8Array.of(0xff, 0xfe)));
  });

  it('error MODEL_BUNDLE_INVALID: every contradiction inside it', async () => {
    await withBundle(async (_, manifest) => {
      const [file] = manifest.files;
      assert.exists(file);
      if (!file) return;
      const changes: Record<string, (m: Manifest & Record<string, unknown>) => void> = {
        'an unknown key': (m) => Object.assign(m, { extra: 1 }),
        'a path that climbs': (m) => m.files.push({ ...file, path: '../x' }),
        'an absolute path': (m) => m.files.push({ ...file, path: '/etc/passwd' }),
        'a path with a dot segment': (m) => m.files.push({ ...file, path: 'a/./b' }),
        'a backslash': (m) => m.files.push({ ...file, path: 'a\\b' }),
        'the manifest itself': (m) => m.files.push({ ...file, path: 'manifest.json' }),
        'a file twice': (m) => m.files.push(file),
        'a chunk too many': (m) => m.files[0]?.chunks.push(file.sha256),
        'a size without chunks': (m) => Object.assign(m.files[0] ?? {}, { sizeBytes: 2 ** 40 }),
        'a chunk that is not the file': (m) => m.files[0]?.chunks.splice(0, 1, '0'.repeat(64)),
        'a file that no list has': (m) => m.files.splice(5, 1),
        'a part missing': (m) => m.parts.splice(3, 1),
        'the last part missing': (m) => m.parts.pop(),
        'a part twice': (m) => m.parts.push(...m.parts.slice(0, 1)),
        'parts in another order': (m) => m.parts.reverse(),
        'an expert in another group': (m) => m.parts[2]?.experts?.reverse(),
        'a part that names not its graph': (m) => m.parts[1]?.files.shift(),
        'another vocabulary': (m) => Object.assign(m.dims, { vocab: 41 }),
        'memory below the weights': (m) => Object.assign(m.parts[0] ?? {}, { memoryBytes: 1 }),
        'another group size': (m) => Object.assign(m, { groupSize: 4 }),
        'more layers': (m) => Object.assign(m.dims, { layers: 3 }),
        'too many layers': (m) => Object.assign(m.dims, { layers: 1e9 }),
        'heads that do not divide': (m) => Object.assign(m.dims, { kvHeads: 3 }),
        'too few frequencies': (m) => m.attention.rope.inverseFrequencies.pop(),
        'a gate that chooses too many': (m) => Object.assign(m.router, { topK: 5 }),
        'stages in mode experts': (m) => m.stages.push([0, 2]),
        'no stages in mode stages': (m) => Object.assign(m, { mode: 'stages' }),
        'stages with a gap': (m) =>
          Object.assign(m, {
            mode: 'stages',
            stages: [
              [0, 1],
              [1, 1],
              [1, 2],
            ],
          }),
        'a golden id outside': (m) => m.golden.ids.splice(0, 1, 40),
        'a golden position too few': (m) => m.golden.positions.pop(),
        'an end token outside': (m) => m.tokens.eos.push(40),
      };
      for (const [name, change] of Object.entries(changes)) {
        const error = await rejects('MODEL_BUNDLE_INVALID', () => parseChanged(manifest, change)).catch(
          (cause) => {
            throw new Error(name, { cause });
          },
        );
        assert.match(error.message, /^the manifest is invalid/, name);
      }
      assert.deepEqual(
        parseChanged(manifest, () => {}),
        manifest,
      );
    });
  });
});

describe('partFiles', () => {
  it('default: lists each file of the parts once, with the tokenizer beside the embedding', async () => {
    await withBundle(async (_, manifest) => {
      const paths = partFiles(manifest, ['experts.000.001', 'embed', 'embed']).map(({ path }) => path);
      assert.sameOrderedMembers(paths, [
        'tokenizer.json',
        'tokenizer_config.json',
        'shards/embed.bin',
        'experts/000/002.onnx',
        'experts/000/003.onnx',
        'shards/experts.000.001.bin',
      ]);
    });
  });

  it('error NOT_FOUND: an unknown part', () =>
    withBundle((_, manifest) => rejects('NOT_FOUND', () => partFiles(manifest, ['experts.000.009']))));
});

describe('inspectBundle', () => {
  it('default: adds up parts, sizes, parameters and memory', async () => {
    await withBundle(async (bundle, manifest) => {
      const report = await inspectBundle(bundle);

      const perLayer = 16 + 16 * 32 + 16 * 16 + 16 + 16 * 4 + 4 * 3 * 16 * 24;
      assert.equal(report.parameters, 40 * 16 + 2 * perLayer + 16 + 16 * 40);
      assert.equal(report.name, 'source');
      assert.equal(report.dtype, 'float32');
      assert.lengthOf(report.parts, manifest.parts.length);
      for (const part of report.parts) {
        assert.equal(part.weightBytes, 4 * part.parameters, part.id);
        assert.isAtLeast(part.memoryBytes, part.weightBytes, part.id);
        assert.isAtLeast(part.sizeBytes, part.weightBytes, part.id);
      }
    });
  });

  it('behaviour: needs no more than the manifest', async () => {
    await withBundle(async (bundle) => {
      await withTemp(async (elsewhere) => {
        await cp(join(bundle, 'manifest.json'), join(elsewhere, 'manifest.json'));
        assert.deepEqual(await inspectBundle(elsewhere), await inspectBundle(bundle));
      });
    });
  });
});
