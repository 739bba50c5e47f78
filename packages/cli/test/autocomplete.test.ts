import { spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { runCli, temporaryDirectory } from './support/run-cli.ts';

describe('rios autocomplete', () => {
  let place: Awaited<ReturnType<typeof temporaryDirectory>>;
  before(async () => {
    place = await temporaryDirectory();
  });
  after(() => place.remove());

  const run = (args: readonly string[]) =>
    runCli(['autocomplete', ...args], { env: { XDG_CACHE_HOME: place.path } });
  const functions = () => join(place.path, 'rios', 'autocomplete', 'functions');

  it('default', async () => {
    const { code, stdout } = await run(['bash']);

    expect(code).to.equal(0);
    expect(stdout).to.include('rios autocomplete script bash');
  });

  for (const [shell, file] of [
    ['bash', 'bash/rios.bash'],
    ['zsh', 'zsh/_rios'],
  ] as const) {
    it(`behaviour: the script of ${shell} is produced, with the commands and their flags`, async () => {
      expect((await run([shell, '--refresh-cache'])).code).to.equal(0);
      const setup = await run(['script', shell]);

      expect(setup.code).to.equal(0);
      expect(setup.stdout).to.include(`${shell}_setup`);
      const script = await readFile(join(functions(), file), 'utf8');
      expect(script).to.include('org').and.include('context').and.include('--password-stdin');
    });
  }

  it('behaviour: bash completes a topic, a command and a flag', async () => {
    await run(['bash', '--refresh-cache']);
    const complete = (...words: string[]) => {
      const script = `source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _rios_autocomplete; printf '%s\\n' "\${COMPREPLY[@]}"`;
      const { stdout } = spawnSync(
        'bash',
        ['-c', script, 'bash', join(functions(), 'bash/rios.bash'), 'rios', ...words],
        { encoding: 'utf8' },
      );
      return stdout.split(/\s+/);
    };

    expect(complete('con')).to.include.members(['config', 'context']);
    expect(complete('context', '')).to.include.members(['create', 'delete', 'list', 'show', 'use']);
    expect(complete('login', '--')).to.include.members(['--email', '--password-stdin', '--json']);
  });
});
