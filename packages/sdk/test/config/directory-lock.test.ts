import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { lockDirectory } from '@rios/sdk/config/directory-lock';
import type { RiosError } from '@rios/sdk/errors/error';
import { expect } from 'chai';
import { temporaryHome } from './home-dir.ts';

const MODULE = fileURLToPath(new URL('../../src/config/directory-lock.ts', import.meta.url));

/** A process that locks `directory`, says so, and waits to be killed. */
function lockElsewhere(directory: string) {
  const script = `const { lockDirectory } = await import(${JSON.stringify(MODULE)});
    await lockDirectory(${JSON.stringify(directory)}, 'dev'); console.log('locked'); setInterval(() => {}, 1000);`;
  return spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

describe('config/directory-lock', () => {
  let place: Awaited<ReturnType<typeof temporaryHome>>;
  beforeEach(async () => {
    place = await temporaryHome();
  });
  afterEach(() => place.remove());

  it('default', async () => {
    const lock = await lockDirectory(join(place.directory, 'new', 'folder'), 'dev');
    lock.release();
    lock.release();

    (await lockDirectory(join(place.directory, 'new', 'folder'), 'dev')).release();
  });

  it('error CONFLICT_IN_USE: another process holds it, and is named', async () => {
    const other = lockElsewhere(place.directory);
    await once(other.stdout, 'data');

    const error = (await lockDirectory(place.directory, 'dev').catch(
      (thrown: unknown) => thrown,
    )) as RiosError;
    other.kill('SIGKILL');
    await once(other, 'exit');

    expect(error.code).to.equal('CONFLICT_IN_USE');
    expect(error.details).to.deep.equal({ directory: place.directory, pid: other.pid });
  });

  it('behaviour: a process that was killed leaves no lock behind', async () => {
    const other = lockElsewhere(place.directory);
    await once(other.stdout, 'data');
    other.kill('SIGKILL');
    await once(other, 'exit');

    (await lockDirectory(place.directory, 'dev')).release();
  });
});
