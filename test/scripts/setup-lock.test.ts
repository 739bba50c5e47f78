import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { ROOT, runProgram } from '../support/run-script.ts';
import { createTempFolder, removeFolder } from '../support/temp-folder.ts';

/** No process has it: beyond the largest process id of Linux. */
const DEAD = '4194399';

describe('setup: lock', () => {
  let folder: string;
  let lock: string;
  let trace: string;
  beforeEach(async () => {
    folder = await createTempFolder();
    lock = join(folder, 'lock');
    trace = join(folder, 'trace');
    await writeFile(trace, '');
  });
  afterEach(() => removeFolder(folder));

  /** Takes the lock in a process of its own, and notes when it goes in and out. */
  const enter = (name: string) => {
    const note = (what: string) => `appendFileSync(${JSON.stringify(trace)}, '${what} ${name}\\n')`;
    const program = `import { appendFileSync } from 'node:fs';
      import { withLock } from ${JSON.stringify(`${ROOT}scripts/setup/lock.js`)};
      await withLock(${JSON.stringify(lock)}, async () => {
        ${note('in')}; await new Promise((resolve) => setTimeout(resolve, 150)); ${note('out')};
      });`;
    return runProgram(process.execPath, ['--input-type=module', '-e', program]);
  };
  const readTrace = async () => (await readFile(trace, 'utf8')).trim().split('\n');

  it('default: two at once go in one after the other', async () => {
    const finished = await Promise.all([enter('a'), enter('b'), enter('c')]);

    expect(finished.map(({ code }) => code)).to.deep.equal([0, 0, 0]);
    const lines = await readTrace();
    expect(lines).to.have.lengthOf(6);
    for (let at = 0; at < lines.length; at += 2) {
      expect(lines[at + 1], lines.join()).to.equal(lines[at]?.replace('in', 'out'));
    }
  });

  it('behaviour: a lock whose owner died is taken over, by one at a time', async () => {
    await writeFile(lock, DEAD);

    const finished = await Promise.all([enter('a'), enter('b')]);

    expect(finished.map(({ code }) => code)).to.deep.equal([0, 0]);
    const [first, second] = await readTrace();
    expect(second).to.equal(first?.replace('in', 'out'));
  });
});
