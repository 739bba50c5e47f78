import { createHash } from 'node:crypto';
import {
  appendFile,
  chmod,
  link,
  mkdir,
  readFile,
  symlink,
  truncate,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { packFolder } from '@rios/sdk/app/pack-folder';
import type { RiosError } from '@rios/sdk/errors/error';
import { storedFileSchema } from '@rios/sdk/schema/app';
import { CHUNK_BYTES } from '@rios/sdk/schema/manifest';
import { expect } from 'chai';
import { list, type ReadEntry } from 'tar';
import { tempFolder } from '../support/temp-folder.ts';

const signal = new AbortController().signal;
let count = 0;
const pack = async (folder: string, options: Partial<Parameters<typeof packFolder>[0]> = {}) => {
  const target = join(tempFolder(), `${count++}.tar.gz`);
  return { target, ...(await packFolder({ folder, target, signal, ...options })) };
};
const failure = (folder: string): Promise<RiosError> =>
  pack(folder).then(
    () => expect.fail('it was packed'),
    (error: RiosError) => error,
  );

interface Listed {
  readonly path: string;
  readonly type: string;
  readonly mode: number | undefined;
  readonly uid: number | undefined;
  readonly mtime: number | undefined;
  readonly linkpath: string | undefined;
}
async function entriesOf(file: string): Promise<Listed[]> {
  const entries: Listed[] = [];
  await list({
    file,
    onReadEntry: ({ path, type, mode, uid, mtime, linkpath }: ReadEntry) =>
      entries.push({ path, type, mode, uid, mtime: mtime?.getTime(), linkpath }),
  });
  return entries;
}

describe('app/pack-folder', () => {
  let folder: string;
  beforeEach(async () => {
    folder = tempFolder();
    await mkdir(join(folder, 'lib/deep'), { recursive: true });
    await writeFile(join(folder, 'server.js'), 'console.log(1)');
    await writeFile(join(folder, 'lib/a.js'), 'a');
    await writeFile(join(folder, 'lib-b.js'), 'b');
    await writeFile(join(folder, 'start.sh'), '#!/bin/sh\n', { mode: 0o700 });
    await symlink('../server.js', join(folder, 'lib/main.js'));
  });

  it('default', async () => {
    await mkdir(join(folder, '.git'));
    await writeFile(join(folder, '.git/config'), 'x');
    await writeFile(join(folder, '.env'), 'KEY=secret');
    await writeFile(join(folder, 'rios.yaml'), 'name: x');
    const packed = await pack(folder);

    const bytes = await readFile(packed.target);
    expect(packed.file.sha256).to.equal(createHash('sha256').update(bytes).digest('hex'));
    expect(storedFileSchema.parse(packed.file).sizeBytes).to.equal(bytes.length);
    expect(packed).to.include({ entries: 7, totalBytes: 26 });
    expect(await entriesOf(packed.target)).to.deep.equal(
      (
        [
          ['lib/', 'Directory', 0o755],
          ['lib-b.js', 'File', 0o644],
          ['lib/a.js', 'File', 0o644],
          ['lib/deep/', 'Directory', 0o755],
          ['lib/main.js', 'SymbolicLink', 0o777, '../server.js'],
          ['server.js', 'File', 0o644],
          ['start.sh', 'File', 0o755],
        ] as const
      ).map(([path, type, mode, linkpath]) => ({ path, type, mode, uid: 0, mtime: 0, linkpath })),
    );
  });

  it('behaviour: times, owners, order and modes of others do not change the digest; content does', async () => {
    const before = await pack(folder);
    await utimes(join(folder, 'server.js'), 1, 2);
    await chmod(join(folder, 'server.js'), 0o600);
    const after = await pack(folder);
    await appendFile(join(folder, 'server.js'), ' ');
    const changed = await pack(folder);

    expect(after.file).to.deep.equal(before.file);
    expect(changed.file.sha256).not.to.equal(before.file.sha256);
    expect((await readFile(before.target)).subarray(0, 10).toString('hex')).to.match(
      /^1f8b0800000000000\d03$/,
    );
  });

  it('behaviour: the ignore file is honoured, and is not packed', async () => {
    await writeFile(join(folder, '.riosignore'), 'lib/\n*.sh\n');
    const { target } = await pack(folder);

    expect((await entriesOf(target)).map(({ path }) => path)).to.deep.equal(['lib-b.js', 'server.js']);
  });

  it('behaviour: names that a header cannot hold, and files of several chunks, come back whole', async () => {
    const name = `${'long-'.repeat(30)}é.bin`;
    const content = Buffer.alloc(CHUNK_BYTES + 1000, 0);
    for (let at = 0; at < content.length; at += 32)
      createHash('sha256').update(`${at}`).digest().copy(content, at);
    await mkdir(join(folder, 'x'.repeat(120)), { recursive: true });
    await writeFile(join(folder, 'x'.repeat(120), name), content);
    const told: number[] = [];
    const { target, file, totalBytes } = await pack(folder, { onBytes: (done) => told.push(done) });

    expect((await entriesOf(target)).map(({ path }) => path)).to.include(`${'x'.repeat(120)}/${name}`);
    expect(file.chunks.length).to.equal(2);
    expect(told.at(-1)).to.equal(totalBytes);
  });

  it('behaviour: a hard link is packed as a file of its own', async () => {
    await link(join(folder, 'server.js'), join(folder, 'twin.js'));
    const { target } = await pack(folder);

    expect((await entriesOf(target)).filter(({ type }) => type === 'Link')).to.deep.equal([]);
  });

  for (const [what, target] of [
    ['an absolute link', '/etc/passwd'],
    ['a link above the folder', '../../etc/passwd'],
    ['a link that goes out and comes back', '../../lib/../../etc/passwd'],
  ] as const) {
    it(`error USER_INVALID_REQUEST: ${what}`, async () => {
      await symlink(target, join(folder, 'lib/away'));

      expect(await failure(folder)).to.deep.include({
        code: 'USER_INVALID_REQUEST',
        details: { path: 'lib/away', target },
      });
    });
  }

  it('error USER_INVALID_REQUEST: a link that leads out through another link', async () => {
    await symlink('.', join(folder, 'here'));
    await writeFile(join(folder, '../outside.txt'), 'secret');
    await symlink('here/../outside.txt', join(folder, 'away'));

    expect(await failure(folder)).to.include({ code: 'USER_INVALID_REQUEST' });
    expect((await failure(folder)).message).to.include('away');
  });

  it('error USER_INVALID_REQUEST: something that is neither file nor folder, unless it is ignored', async () => {
    const server = createServer().listen(join(folder, 'app.sock'));
    try {
      expect((await failure(folder)).message).to.include('app.sock');
      await writeFile(join(folder, '.riosignore'), '*.sock');
      expect((await pack(folder)).entries).to.equal(7);
    } finally {
      server.close();
    }
  });

  it('error USER_INVALID_REQUEST: more bytes than a folder may hold', async () => {
    await truncate(join(folder, 'server.js'), 3 * 1024 ** 3);

    expect((await failure(folder)).message).to.include('bytes');
  });

  it('error USER_INVALID_REQUEST: an empty folder', async () => {
    expect(await failure(tempFolder())).to.include({ code: 'USER_INVALID_REQUEST' });
  });

  it('error NOT_FOUND_FILE', async () => {
    expect(await failure('/nonexistent/folder')).to.include({ code: 'NOT_FOUND_FILE' });
  });

  it('error CONFLICT_IN_USE: a file that changes meanwhile', async () => {
    const big = join(folder, 'a-first.bin');
    await writeFile(big, Buffer.alloc(1024));
    const error = await pack(folder, {
      onBytes: () => truncate(join(folder, 'server.js'), 1),
    }).catch((thrown: RiosError) => thrown);

    expect(error).to.include({ code: 'CONFLICT_IN_USE' });
  });
});
