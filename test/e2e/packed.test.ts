import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { expect } from 'chai';
import { ROOT, runProgram } from '../support/run-script.ts';
import { createTempFolder, removeFolder } from '../support/temp-folder.ts';
import { readReferenceCase, TINY_MOE } from '../support/tiny-moe.ts';

const PACKAGES = ['sdk', 'worker', 'orchestrator', 'cli'];
const INSTALL_MS = 240_000;

describe('the packages as a user installs them', function () {
  this.timeout(INSTALL_MS + 120_000);
  let folder: string;
  before(async () => {
    folder = await createTempFolder();
  });
  after(() => removeFolder(folder));

  const npm = async (cwd: string, ...args: string[]) => {
    // the runtime's install script would download a GPU provider
    const env = { ONNXRUNTIME_NODE_INSTALL: 'skip', NODE_OPTIONS: '' };
    const finished = await runProgram('npm', args, { cwd, env, timeoutMs: INSTALL_MS });
    expect(finished.code, `npm ${args.join(' ')}\n${finished.stderr}`).to.equal(0);
    return finished.stdout;
  };

  it('default: npm pack, npm install into an empty prefix, rios dev --exec', async () => {
    const prefix = join(folder, 'prefix');
    await mkdir(prefix);
    await writeFile(join(prefix, 'package.json'), '{ "name": "empty", "private": true }');
    const workspaces = PACKAGES.flatMap((name) => ['-w', `packages/${name}`]);
    await npm(ROOT, 'pack', '--silent', '--pack-destination', folder, ...workspaces);
    const tarballs = (await readdir(folder))
      .filter((name) => name.endsWith('.tgz'))
      .map((name) => join(folder, name));
    expect(tarballs).to.have.lengthOf(PACKAGES.length);
    await npm(
      prefix,
      'install',
      '--prefer-offline',
      '--no-audit',
      '--no-fund',
      '--loglevel=error',
      ...tarballs,
    );

    const { prompt, greedy } = await readReferenceCase('sea');
    const exec = `rios run tiny-moe '${prompt}' --max-tokens ${greedy.length} --temperature 0 --json`;
    const bin = join(prefix, 'node_modules', '.bin');
    const { code, stdout, stderr } = await runProgram(
      process.execPath,
      [
        join(bin, 'rios'),
        'dev',
        '--workers',
        '2',
        '--model',
        TINY_MOE,
        '--data-dir',
        join(folder, 'dev'),
        '--exec',
        exec,
      ],
      {
        cwd: prefix,
        env: {
          PATH: [bin, process.env.PATH].join(delimiter),
          RIOS_HOME: join(folder, 'home'),
          NODE_OPTIONS: '',
        },
        timeoutMs: 100_000,
      },
    );

    expect(code, stderr).to.equal(0);
    const answer = JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '') as { ids: number[] };
    expect(answer.ids).to.deep.equal(greedy);
  });
});
