import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { readTar } from '../../src/container/read-tar.ts';
import { rewriteArchive } from '../../src/container/rewrite-archive.ts';
import { tarOf } from '../../src/container/tar-of.ts';
import { codeOf } from '../support/errors.ts';
import { tempFolder } from '../support/temp-folder.ts';

const NAME = 'localhost/rios/archive:1';

describe('rewriteArchive', () => {
  const signal = new AbortController().signal;
  const manifest = (images: readonly object[]) => Buffer.from(JSON.stringify(images));
  const image = { Config: 'config.json', RepoTags: ['rios/node:latest'], Layers: ['layer.tar'] };
  const rewrite = async (files: Record<string, Uint8Array>) => {
    const file = join(tempFolder(), 'image.tar');
    await writeFile(file, gzipSync(await tarOf(new Map(Object.entries(files)))));
    return await buffer(await rewriteArchive(file, NAME, signal));
  };
  const filesOf = async (tar: Uint8Array) => {
    const file = join(tempFolder(), 'out.tar');
    await writeFile(file, tar);
    const found = new Map<string, string>();
    await readTar(
      file,
      { maxBytes: 1e9, maxEntries: 100 },
      async ({ path, bytes }) => {
        const parts: Uint8Array[] = [];
        for await (const part of bytes) parts.push(part);
        found.set(path, Buffer.concat(parts).toString());
      },
      signal,
    );
    return found;
  };

  it('default: the image under our name alone; every other place that names it is dropped', async () => {
    const files = await filesOf(
      await rewrite({
        'layer.tar': Buffer.alloc(70_000, 'x'),
        'manifest.json': manifest([image]),
        repositories: Buffer.from('{"rios/node":{"latest":"1"}}'),
        'index.json': Buffer.from('{}'),
        'oci-layout': Buffer.from('{}'),
        'config.json': Buffer.from('{"a":1}'),
        VERSION: Buffer.from('1.0'),
      }),
    );

    expect([...files.keys()].sort()).to.deep.equal(['VERSION', 'config.json', 'layer.tar', 'manifest.json']);
    expect(files.get('config.json')).to.equal('{"a":1}');
    expect(files.get('VERSION')).to.equal('1.0');
    expect(JSON.parse(files.get('manifest.json') ?? '')).to.deep.equal([{ ...image, RepoTags: [NAME] }]);
    expect(files.get('layer.tar')).to.have.length(70_000);
  });

  it('behaviour: an entry begins when the one before is written, however slowly that goes', async () => {
    const files = {
      'layer.tar': Buffer.alloc(5_000_000, 'x'),
      'config.json': Buffer.from('{"a":1}'),
      'manifest.json': manifest([image]),
    };

    const found = await filesOf(await rewrite(files));

    expect(found.get('config.json')).to.equal('{"a":1}');
    expect(found.get('layer.tar')?.length).to.equal(5_000_000);
  });

  const REFUSED: Readonly<Record<string, Record<string, Uint8Array>>> = {
    'no manifest': { 'config.json': Buffer.from('{}') },
    'a manifest that is no JSON': { 'manifest.json': Buffer.from('[') },
    'two images': { 'manifest.json': manifest([image, image]) },
    'no image': { 'manifest.json': manifest([]) },
    'a layer outside': { 'manifest.json': manifest([{ ...image, Layers: ['../../etc/shadow'] }]) },
    'an entry outside': { 'manifest.json': manifest([image]), '../x': Buffer.from('x') },
  };
  for (const [what, files] of Object.entries(REFUSED))
    it(`error DEPLOY_IMAGE: ${what}`, async () => {
      expect(await codeOf(() => rewrite(files))).to.equal('DEPLOY_IMAGE');
    });

  it('error DEPLOY_FOLDER: it is no tar', async () => {
    const file = join(tempFolder(), 'image.tar');
    await writeFile(file, Buffer.alloc(4096, 'no tar'));

    expect(await codeOf(() => rewriteArchive(file, NAME, signal))).to.equal('DEPLOY_FOLDER');
  });
});
