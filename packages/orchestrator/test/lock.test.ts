import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect } from 'chai';
import { lockDirectory } from '../src/lock.ts';
import { createTempDirectory } from './support/temp-directory.ts';

const LOCK_MODULE = new URL('../src/lock.ts', import.meta.url).href;

/** A process that takes the lock and holds it until it is killed. */
async function startHolder(directory: string) {
  const script = `
    const { lockDirectory } = await import(${JSON.stringify(LOCK_MODULE)});
    try {
      globalThis.lock = lockDirectory(${JSON.stringify(directory)});
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

describe('lockDirectory', () => {
  let directory: Awaited<ReturnType<typeof createTempDirectory>>;
  beforeEach(async () => {
    directory = await createTempDirectory();
  });
  afterEach(() => directory.remove());

  it('default: held until it is released', () => {
    const first = lockDirectory(directory.path);
    expect(() => lockDirectory(directory.path))
      .to.throw()
      .with.property('code', 'CONFLICT_IN_USE');
    first.release();
    first.release();

    lockDirectory(directory.path).release();
  });

  it('error CONFLICT_IN_USE: names the process that holds it, which may be killed at any time', async () => {
    const holder = await startHolder(directory.path);

    expect(() => lockDirectory(directory.path))
      .to.throw(`pid ${holder.pid}`)
      .with.deep.property('details', { dataDir: directory.path, pid: holder.pid });
    await holder.kill();
    lockDirectory(directory.path).release();
  });

  it('behaviour: of several processes that start at once, one gets it', async () => {
    const holders = await Promise.all(Array.from({ length: 4 }, () => startHolder(directory.path)));

    const outcomes = holders.map(({ outcome }) => outcome).sort();
    expect(outcomes).to.deep.equal(['CONFLICT_IN_USE', 'CONFLICT_IN_USE', 'CONFLICT_IN_USE', 'held']);
    await Promise.all(holders.filter(({ outcome }) => outcome === 'held').map(({ kill }) => kill()));
  });
});
