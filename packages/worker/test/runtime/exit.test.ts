import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { tinyModel } from './support/tiny-model.ts';

const PROGRAM = fileURLToPath(new URL('./support/exit-while-generating.ts', import.meta.url));

/** Runs the program; gives its exit code, or the signal that killed it. */
function exitOf(...args: string[]): Promise<number | string> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, ['--conditions=@rios/source', PROGRAM, ...args], () => {});
    child.on('exit', (code, signal) => resolve(code ?? signal ?? 'unknown'));
  });
}

describe('process exit', () => {
  for (const afterParts of [1, 4, 9]) {
    it(`behaviour: a process that exits while its threads compute keeps its exit code (${afterParts})`, async () => {
      const { directory } = await tinyModel();

      expect(await exitOf(directory, String(afterParts))).to.equal(7);
    });
  }
});
