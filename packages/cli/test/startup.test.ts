import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { BIN } from './support/run-cli.ts';

const RUNS = 9;
const MANIFEST = fileURLToPath(new URL('../oclif.manifest.json', import.meta.url));

/** CPU seconds (user and system) of one Node process, as the shell measures them. */
function cpuSeconds(args: readonly string[]): number {
  const script = 'TIMEFORMAT=\'%U %S\'; time "$@" >/dev/null 2>&1';
  const { stderr } = spawnSync('bash', ['-c', script, 'bash', process.execPath, ...args], {
    encoding: 'utf8',
  });
  const [user, system] = stderr.trim().split(/\s+/).map(Number);
  return (user ?? Number.NaN) + (system ?? Number.NaN);
}

const median = (values: readonly number[]) =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

describe('startup', () => {
  it('behaviour: --version within 6 x and --help within 7 x the CPU of a bare node', () => {
    const runs = Array.from({ length: RUNS }, () => ({
      bare: cpuSeconds(['-e', '0']),
      version: cpuSeconds([BIN, '--version']),
      help: cpuSeconds([BIN, '--help']),
    }));

    const bare = median(runs.map((run) => run.bare));
    const version = median(runs.map((run) => run.version)) / bare;
    const help = median(runs.map((run) => run.help)) / bare;

    expect(bare).to.be.greaterThan(0);
    expect(version, `--version is ${version.toFixed(2)} x`).to.be.at.most(6);
    expect(help, `--help is ${help.toFixed(2)} x`).to.be.at.most(7);
  }).timeout(60_000);

  it('behaviour: the manifest was built with every command', () => {
    const { commands } = JSON.parse(readFileSync(MANIFEST, 'utf8')) as { commands: Record<string, unknown> };

    expect(Object.keys(commands)).to.include.members([
      'run',
      'dev',
      'model:split',
      'worker:start',
      'network:invite:create',
    ]);
  });

  it('behaviour: neither loads ONNX, libp2p, zod or an HTTP client', () => {
    const hooks = `import { registerHooks } from 'node:module';
      registerHooks({ load(url, context, next) { process.stderr.write(url + '\\n'); return next(url, context); } });`;
    const preload = `data:text/javascript,${encodeURIComponent(hooks)}`;
    for (const flag of ['--version', '--help']) {
      const { stderr } = spawnSync(process.execPath, ['--import', preload, BIN, flag], { encoding: 'utf8' });

      expect(stderr, flag)
        .to.include('run.js')
        .and.not.match(/onnxruntime|libp2p|node_modules\/(zod|got|yaml|pino)\//);
    }
  });
});
