import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { assert } from 'chai';
import { openOutputDirectory } from '../../src/model/output-directory.ts';
import { splitModel } from '../../src/model/split.ts';
import { withTemp } from '../support/temp-folder.ts';
import { writeMixtral } from './support/mixtral-checkpoint.ts';
import { rejects } from './support/throws.ts';

const CHILD = new URL('./support/split-child.ts', import.meta.url);

/** The id of a process that has just ended. */
async function deadPid(): Promise<number> {
  const child = fork(CHILD, ['--exit'], { execArgv: process.execArgv });
  await once(child, 'exit');
  return child.pid ?? 0;
}

const partial = (name: string, pid: number, host = hostname().replace(/[^A-Za-z0-9-]/g, '-')) =>
  `.${name}.${host}.${pid}.0123abcd.partial`;

describe('openOutputDirectory', () => {
  it('default: shows nothing at its destination until it is committed', async () => {
    await withTemp(async (directory) => {
      const out = join(directory, 'new', 'bundle');
      const output = await openOutputDirectory(out, false);
      await writeFile(join(output.path, 'x'), '1');
      assert.notInclude(await readdir(join(directory, 'new')), 'bundle');

      await output.commit();

      assert.deepEqual(await readdir(join(directory, 'new')), ['bundle']);
      assert.equal(await readFile(join(out, 'x'), 'utf8'), '1');
    });
  });

  it('behaviour: an empty directory is free', async () => {
    await withTemp(async (directory) => {
      const out = join(directory, 'bundle');
      await mkdir(out);
      const output = await openOutputDirectory(out, false);
      await output.commit();
      assert.deepEqual(await readdir(directory), ['bundle']);
    });
  });

  it('behaviour: removes what dead processes left, and not what live ones or other machines are writing', async () => {
    await withTemp(async (directory) => {
      const stale = [partial('bundle', await deadPid()), partial('bundle', process.pid)];
      const kept = [
        partial('bundle', process.ppid),
        partial('bundle', await deadPid(), 'elsewhere'),
        partial('other', await deadPid()),
        'mine.partial',
      ];
      for (const name of [...stale, ...kept]) await mkdir(join(directory, name));
      const alive = await openOutputDirectory(join(directory, 'bundle'), false);

      const output = await openOutputDirectory(join(directory, 'bundle'), false);

      const entries = await readdir(directory);
      assert.includeMembers(entries, kept);
      assert.lengthOf(entries, kept.length + 2, 'both of ours');
      await output.discard();
      await output.discard();
      await alive.discard();
      assert.sameMembers(await readdir(directory), kept);
    });
  });

  it('error CONFLICT_EXISTS: the destination was taken meanwhile', async () => {
    await withTemp(async (directory) => {
      const out = join(directory, 'bundle');
      const output = await openOutputDirectory(out, false);
      await mkdir(out);
      await writeFile(join(out, 'precious'), '1');

      await rejects('CONFLICT_EXISTS', () => output.commit());

      await output.discard();
      assert.equal(await readFile(join(out, 'precious'), 'utf8'), '1');
      assert.deepEqual(await readdir(directory), ['bundle']);
    });
  });

  it('behaviour: a split killed while it writes leaves no bundle, and the next one cleans up', async () => {
    await withTemp(async (directory) => {
      const source = join(directory, 'source');
      const out = join(directory, 'bundle');
      await writeMixtral(source);
      const child = fork(CHILD, [source, out], { execArgv: process.execArgv });
      await once(child, 'message');
      child.kill('SIGKILL');
      await once(child, 'exit');
      const left = await readdir(directory);
      assert.lengthOf(left, 2);
      assert.notInclude(left, 'bundle');

      await splitModel({ source, out, by: 'experts' });

      assert.sameMembers(await readdir(directory), ['source', 'bundle']);
    });
  });
});
