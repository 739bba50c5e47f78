import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { BIN, jsonOf, runCli } from './support/run-cli.ts';

const COMMANDS = fileURLToPath(new URL('../src/commands', import.meta.url));
const files = readdirSync(COMMANDS, { recursive: true, encoding: 'utf8' }).filter((name) =>
  name.endsWith('.ts'),
);
const commands = files.map((name) => name.replace(/\.ts$/, '').split('/')).sort();

describe('usage', () => {
  it('default', async () => {
    const { code, stdout } = await runCli(['--help']);

    expect(code).to.equal(0);
    for (const [first] of commands)
      expect(stdout, `${first} in --help`).to.match(new RegExp(`^  ${first} `, 'm'));
  });

  it('behaviour: every command has its own help with --json', async () => {
    const results = await Promise.all(commands.map((words) => runCli([...words, '--help'])));

    results.forEach(({ code, stdout }, index) => {
      expect(code, String(commands[index])).to.equal(0);
      expect(stdout, String(commands[index]))
        .to.include(`rios ${commands[index]?.join(' ')}`)
        .and.include('--json');
    });
  }).timeout(120_000);

  it('behaviour: command files are short', () => {
    for (const name of files) {
      const lines = readFileSync(join(COMMANDS, name), 'utf8').split('\n').length;
      expect(lines, name).to.be.at.most(61);
    }
  });

  it('error USER_INVALID_REQUEST: an unknown command, with the one that was meant', async () => {
    const result = await runCli(['modle', 'list']);

    expect(result.code).to.equal(2);
    expect(result.stderr).to.include('Did you mean: rios model list?');
    expect(result.stdout).to.equal('');
  });

  it('error USER_UNKNOWN_FLAG: as text on stderr, as JSON on stdout', async () => {
    const text = await runCli(['status', '--nope']);
    const json = await runCli(['status', '--nope', '--json']);

    expect(text).to.include({ code: 2, stdout: '' });
    expect(text.stderr).to.include('--nope').and.include('USER_UNKNOWN_FLAG');
    expect(json).to.include({ code: 2, stderr: '' });
    expect(Object.keys(jsonOf(json))).to.deep.equal(['error']);
    expect(jsonOf(json).error).to.have.all.keys('code', 'message', 'hint', 'retryable');
    expect(jsonOf(json).error.code).to.equal('USER_UNKNOWN_FLAG');
  });

  it('error USER_UNKNOWN_FLAG: of a topic, which has nothing but its help', async () => {
    const text = await runCli(['wallet', '--nope=secret']);
    const json = await runCli(['dev', 'reset', '--nope', '--json']);

    expect(text).to.include({ code: 2, stdout: '' });
    expect(text.stderr).to.include('rios wallet has no flag --nope').and.not.include('secret');
    expect(json.code).to.equal(2);
    expect((await runCli(['wallet', '--help'])).code).to.equal(0);
    expect((await runCli(['wallet'])).code).to.equal(0);
  });

  for (const [what, args] of [
    ['a missing argument', ['run']],
    ['one argument too many', ['status', 'extra']],
    ['a value that is none of the options', ['model', 'place', 'tiny', '--shape', 'ring']],
    ['a number that is none', ['dev', '--workers', 'many']],
    ['a number out of bounds', ['dev', '--workers', '0']],
    ['a decimal that is none', ['run', 'tiny', 'x', '--temperature', 'hot']],
    ['a duration that is none', ['status', '--timeout', 'soon']],
    ['an address that is none', ['status', '--api-url', 'nowhere']],
    ['no prompt', ['run', 'tiny']],
    ['a prompt and ids', ['run', 'tiny', 'x', '--ids', '[1]']],
    ['ids that are none', ['run', 'tiny', '--ids', '[1, "two"]']],
  ] as const) {
    it(`error USER_INVALID_REQUEST: ${what}`, async () => {
      const result = await runCli([...args, '--json']);

      expect(result).to.include({ code: 2, stderr: '' });
      expect(jsonOf(result).error.code).to.equal('USER_INVALID_REQUEST');
    });
  }

  it('behaviour: RIOS_DEBUG=1 prints the stack, else there is none', async () => {
    const quiet = await runCli(['status', '--nope']);
    const loud = await runCli(['status', '--nope'], { env: { RIOS_DEBUG: '1' } });

    expect(quiet.stderr).not.to.match(/^\s+at /m);
    expect(loud.stderr).to.match(/^\s+at /m);
  });

  it('behaviour: a reader that leaves early is no error', async () => {
    const script = `"$0" "$1" --help | true; exit "\${PIPESTATUS[0]}"`;

    const { status, stderr } = spawnSync('bash', ['-c', script, process.execPath, BIN], { encoding: 'utf8' });

    expect(stderr).to.equal('');
    expect(status).to.equal(0);
  });
});
