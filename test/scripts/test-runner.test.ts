import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { runScript } from '../support/run-script.ts';
import { createTempFolder, removeFolder, writeTree } from '../support/temp-folder.ts';

const GOOD = `it('is well', () => {});`;
const BAD = `it('is ill', () => { throw new Error('on purpose'); });`;
const BROKEN = `import './not-there.ts';`;
/** Ends well only when its like runs meanwhile. */
const MEETS = (own: string, other: string) => `
import { existsSync, writeFileSync } from 'node:fs';
it('meets ${other}', async () => {
  writeFileSync(new URL('${own}', import.meta.url), '');
  while (!existsSync(new URL('${other}', import.meta.url))) await new Promise((resolve) => setTimeout(resolve, 20));
}).timeout(15_000);`;

describe('scripts/test.mjs', function () {
  this.timeout(40_000);
  let folder: string;
  beforeEach(async () => {
    folder = await createTempFolder();
  });
  afterEach(() => removeFolder(folder));

  const run = async (files: Record<string, string>, ...options: readonly string[]) => {
    await writeTree(folder, files);
    const paths = Object.keys(files).map((name) => join(folder, name));
    const finished = await runScript('scripts/test.mjs', [...options, ...paths]);
    return { ...finished, last: finished.stdout.trimEnd().split('\n').at(-1) };
  };

  for (const options of [[], ['--apart']]) {
    it(`default: ${options.join()} the last line counts what passed and failed, and those that failed are named`, async () => {
      const well = await run({ 'a.test.ts': GOOD, 'b.test.ts': GOOD }, ...options);
      const ill = await run({ 'a.test.ts': GOOD, 'b.test.ts': BAD }, ...options);

      expect({ code: well.code, last: well.last }).to.deep.equal({ code: 0, last: '2 passed, 0 failed' });
      expect({ code: ill.code, last: ill.last }).to.deep.equal({ code: 1, last: '1 passed, 1 failed' });
      expect(ill.stdout).to.contain('\nfailed: is ill\n').and.to.contain('on purpose');
    });
  }

  it('option: --apart: a file that cannot be loaded is a failure, and the others run', async () => {
    const { code, last, stdout } = await run({ 'a.test.ts': BROKEN, 'b.test.ts': GOOD }, '--apart');

    expect({ code, last }).to.deep.equal({ code: 1, last: '1 passed, 1 failed' });
    expect(stdout).to.match(/a\.test\.ts: the tests did not run to their end/);
  });

  // one core runs one
  if (availableParallelism() > 1)
    it('option: --apart: two at a time', async () => {
      const files = { 'a.test.ts': MEETS('a', 'b'), 'b.test.ts': MEETS('b', 'a') };

      expect((await run(files, '--apart')).last).to.equal('2 passed, 0 failed');
    });
});
