import { mkdir, readdir, readFile, readlink, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { Header } from 'tar';
import { unpackFolder } from '../../src/container/unpack-folder.ts';
import { failureOf } from '../support/errors.ts';
import { tempFolder } from '../support/temp-folder.ts';

interface Entry {
  readonly path: string;
  readonly type?: 'File' | 'Directory' | 'SymbolicLink' | 'Link' | 'CharacterDevice' | 'FIFO';
  readonly text?: string;
  readonly linkpath?: string;
  readonly mode?: number;
  readonly uid?: number;
}

/** A tar with whatever a hostile packer would write. */
function hostileTar(entries: readonly Entry[]): Buffer {
  const blocks = entries.flatMap(({ text = '', type = 'File', mode = 0o644, ...rest }) => {
    const bytes = Buffer.from(text);
    const block = Buffer.alloc(512);
    new Header({ ...rest, type, mode, size: bytes.length, mtime: new Date(0) }).encode(block);
    return [block, bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512)];
  });
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}

describe('unpackFolder', () => {
  let folder: string;
  beforeEach(() => {
    folder = tempFolder();
  });

  const unpack = async (tar: Uint8Array, limits?: { maxBytes: number; maxEntries: number }) => {
    const file = join(folder, 'app.tar');
    await writeFile(file, tar);
    const root = join(folder, 'unpacked', 'app');
    await mkdir(join(folder, 'unpacked'), { recursive: true });
    await unpackFolder(file, root, AbortSignal.timeout(10_000), limits);
    return root;
  };
  const refusal = async (tar: Uint8Array, limits?: { maxBytes: number; maxEntries: number }) => {
    const error = await failureOf(() => unpack(tar, limits));
    // nothing of it remains, and nothing is outside
    expect(await readdir(join(folder, 'unpacked'))).to.deep.equal([]);
    expect((await readdir(folder)).sort()).to.deep.equal(['app.tar', 'unpacked']);
    return error;
  };

  it('default: files and folders, gzip or not, as they were', async () => {
    const tar = hostileTar([
      { path: 'lib', type: 'Directory' },
      { path: 'lib/a.js', text: 'a'.repeat(100_000) },
      { path: './run.sh', text: '#!/bin/sh', mode: 0o755 },
    ]);

    const root = await unpack(gzipSync(tar));

    expect(await readFile(join(root, 'lib/a.js'), 'utf8')).to.have.length(100_000);
    expect(await readFile(join(root, 'run.sh'), 'utf8')).to.equal('#!/bin/sh');
  });

  it('behaviour: all may read it, nobody else write it, whatever the tar and the umask say', async () => {
    const umask = process.umask(0o077);
    try {
      const root = await unpack(
        hostileTar([
          { path: 'd/setuid', text: 'x', mode: 0o6777, uid: 0 },
          { path: 'd/secret', text: 'x', mode: 0o000 },
        ]),
      );

      const modeOf = async (path: string) => (await stat(join(root, path))).mode & 0o7777;
      expect(await modeOf('d/setuid')).to.equal(0o755);
      expect(await modeOf('d/secret')).to.equal(0o644);
      expect(await modeOf('d')).to.equal(0o755);
      expect(await modeOf('.')).to.equal(0o755);
    } finally {
      process.umask(umask);
    }
  });

  it('behaviour: links from one place in it to another stay links', async () => {
    const root = await unpack(
      hostileTar([
        { path: 'bin/start', type: 'SymbolicLink', linkpath: '../lib/start.js' },
        { path: 'lib/start.js', text: 'start()' },
        { path: 'current', type: 'SymbolicLink', linkpath: 'lib' },
      ]),
    );

    expect(await readlink(join(root, 'bin/start'))).to.equal('../lib/start.js');
    expect(await readFile(join(root, 'current/start.js'), 'utf8')).to.equal('start()');
  });

  const HOSTILE: readonly (readonly [string, readonly Entry[], RegExp])[] = [
    ['an absolute path', [{ path: '/etc/cron.d/x', text: 'x' }], /absolute/],
    ['..', [{ path: '../x', text: 'x' }], /leads out/],
    ['.. in the middle', [{ path: 'a/../../x', text: 'x' }], /leads out/],
    ['a link', [{ path: 'x', type: 'SymbolicLink', linkpath: '/etc/passwd' }], /is a link/],
    ['a link above', [{ path: 'd/x', type: 'SymbolicLink', linkpath: '../../y' }], /is a link out/],
    ['a hard link', [{ path: 'x', type: 'Link', linkpath: '/etc/passwd' }], /neither/],
    [
      'a link in place of a file',
      [
        { path: 'x', type: 'SymbolicLink', linkpath: 'fine' },
        { path: 'x', text: 'through it' },
      ],
      /there twice/,
    ],
    [
      'a file behind a link',
      [
        { path: 'x', type: 'SymbolicLink', linkpath: '.' },
        { path: 'x/y', text: 'through it' },
      ],
      /there twice/,
    ],
    [
      'a link behind links that lead out together',
      [
        { path: 'd', type: 'SymbolicLink', linkpath: '.' },
        { path: 'e', type: 'SymbolicLink', linkpath: 'd/..' },
        { path: 'e/x', type: 'SymbolicLink', linkpath: 'fine' },
      ],
      /behind a link/,
    ],
    ['a device', [{ path: 'x', type: 'CharacterDevice' }], /neither/],
    ['a pipe', [{ path: 'x', type: 'FIFO' }], /neither/],
    [
      'a name twice',
      [
        { path: 'x', text: '1' },
        { path: './x', text: '2' },
      ],
      /there twice/,
    ],
  ];
  for (const [what, entries, why] of HOSTILE)
    it(`error DEPLOY_FOLDER: ${what}`, async () => {
      const error = await refusal(hostileTar([{ path: 'fine', text: 'x' }, ...entries]));

      expect(error).to.have.property('code', 'DEPLOY_FOLDER');
      expect(error.message).to.match(why);
    });

  it('error DEPLOY_FOLDER: no tar, or one that is cut off', async () => {
    const cut = gzipSync(hostileTar([{ path: 'x', text: 'x'.repeat(50_000) }])).subarray(0, 60);

    expect(await refusal(Buffer.from('hello, this is no tar'.repeat(100)))).to.have.property(
      'code',
      'DEPLOY_FOLDER',
    );
    expect(await refusal(cut)).to.have.property('code', 'DEPLOY_FOLDER');
  });

  it('error DEPLOY_FOLDER: more bytes or files than allowed; a bomb is not unpacked first', async () => {
    const bomb = gzipSync(hostileTar([{ path: 'x', text: '0'.repeat(4_000_000) }]));
    const many = hostileTar(Array.from({ length: 20 }, (_, i) => ({ path: `f${i}` })));

    expect(await refusal(bomb, { maxBytes: 1e6, maxEntries: 10 })).to.have.property('code', 'DEPLOY_FOLDER');
    expect(await refusal(many, { maxBytes: 1e6, maxEntries: 10 })).to.have.property('code', 'DEPLOY_FOLDER');
  });

  it('error USER_INTERRUPTED: cancelled: nothing remains', async () => {
    const file = join(folder, 'app.tar');
    await writeFile(file, hostileTar([{ path: 'x', text: 'x' }]));

    await failureOf(() => unpackFolder(file, join(folder, 'out'), AbortSignal.abort()));

    expect(await readdir(folder)).to.deep.equal(['app.tar']);
  });
});
