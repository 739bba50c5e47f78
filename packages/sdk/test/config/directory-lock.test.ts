import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { lockDirectory } from '@rios/sdk/config/directory-lock';
import type { RiosError } from '@rios/sdk/errors/error';
import { expect } from 'chai';
import { temporaryHome } from './home-dir.ts';

const LOCK_MODULE = new URL('../../src/config/directory-lock.ts', import.meta.url).href;

/** A process that takes the lock and holds it until it is killed. */
async function startHolder(directory: string) {
  const script = `
    const { lockDirectory } = await import(${JSON.stringify(LOCK_MODULE)});
    try {
      globalThis.lock = await lockDirectory(${JSON.stringify(directory)}, 'worker');
      console.log('held');
      setInterval(() => {}, 1000);
    } catch (error) {
      console.log(error.code);
    }`;
  const child = spawn(
    process.execPath,
    ['--conditions=@rios/source', '--input-type=module', '--no-warnings', '-e', script],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const [line] = await once(child.stdout, 'data');
  const kill = async () => {
    const closed = once(child, 'close');
    child.kill('SIGKILL');
    await closed;
  };
  return { pid: child.pid, outcome: String(line).trim(), kill };
}

const refusal = (directory: string) =>
  lockDirectory(directory, 'worker').then(
    () => expect.fail('it was locked twice'),
    (error: RiosError) => error,
  );

describe('config/directory-lock', () => {
  let place: ReturnType<typeof temporaryHome>;
  beforeEach(async () => {
    place = temporaryHome();
  });

  it('default: makes the directory, held until it is released', async () => {
    const directory = join(place.directory, 'new', 'folder');
    const first = await lockDirectory(directory, 'worker');
    expect((await refusal(directory)).code).to.equal('CONFLICT_IN_USE');
    first.release();
    first.release();

    (await lockDirectory(directory, 'worker')).release();
  });

  it('behaviour: another name is another lock', async () => {
    const worker = await lockDirectory(place.directory, 'worker');
    (await lockDirectory(place.directory, 'dev')).release();
    worker.release();
  });

  it('error CONFLICT_IN_USE: names the process that holds it, which may be killed at any time', async () => {
    const holder = await startHolder(place.directory);

    const error = await refusal(place.directory);
    expect(error.message).to.contain(`pid ${holder.pid}`);
    expect(error.details).to.deep.equal({ dataDir: place.directory, pid: holder.pid });
    await holder.kill();
    (await lockDirectory(place.directory, 'worker')).release();
  });

  it('behaviour: of several processes that start at once, one gets it', async () => {
    const holders = await Promise.all(Array.from({ length: 4 }, () => startHolder(place.directory)));

    const outcomes = holders.map(({ outcome }) => outcome).sort();
    expect(outcomes).to.deep.equal(['CONFLICT_IN_USE', 'CONFLICT_IN_USE', 'CONFLICT_IN_USE', 'held']);
    await Promise.all(holders.filter(({ outcome }) => outcome === 'held').map(({ kill }) => kill()));
  });
});
