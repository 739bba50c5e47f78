import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { BIN } from './support/run-cli.ts';

const RUNS = 9;
const ADDRESS = '0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266';
const MANIFEST = fileURLToPath(new URL('../oclif.manifest.json', import.meta.url));

/** CPU seconds (user and system) of one Node process, as the shell measures them. */
function cpuSeconds(args: readonly string[], env: NodeJS.ProcessEnv = process.env): number {
  const script = 'TIMEFORMAT=\'%U %S\'; time "$@" >/dev/null 2>&1';
  const { stderr } = spawnSync('bash', ['-c', script, 'bash', process.execPath, ...args], {
    encoding: 'utf8',
    env,
  });
  const [user, system] = stderr.trim().split(/\s+/).map(Number);
  return (user ?? Number.NaN) + (system ?? Number.NaN);
}

/** A home with one wallet, as `rios wallet create` leaves it. */
function homeWithWallet(): string {
  const home = mkdtempSync(join(tmpdir(), 'rios-startup-'));
  const wallet = {
    name: 'main',
    address: ADDRESS,
    kind: 'created',
    keystore: 'file',
    createdAt: 1,
    state: 'ready',
  };
  const wallets = { format: 'rios.wallets/1', current: 'main', wallets: [wallet] };
  writeFileSync(join(home, 'wallets.json'), JSON.stringify(wallets), { mode: 0o600 });
  return home;
}

/** Every module that a command line loads, one URL on each line of stderr. */
function modulesOf(args: readonly string[], env: NodeJS.ProcessEnv = process.env) {
  const hooks = `import { registerHooks } from 'node:module';
    registerHooks({ load(url, context, next) { process.stderr.write(url + '\\n'); return next(url, context); } });`;
  const preload = `data:text/javascript,${encodeURIComponent(hooks)}`;
  return spawnSync(process.execPath, ['--import', preload, BIN, ...args], { encoding: 'utf8', env });
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
    for (const flag of ['--version', '--help']) {
      const { stderr } = modulesOf([flag]);

      expect(stderr, flag)
        .to.include('run.js')
        .and.not.match(/onnxruntime|libp2p|node_modules\/(zod|got|yaml|pino)\//);
    }
  });

  describe('wallet', () => {
    let home: string;
    let env: NodeJS.ProcessEnv;
    before(() => {
      home = homeWithWallet();
      env = { ...process.env, RIOS_HOME: home };
    });
    after(() => rmSync(home, { recursive: true, force: true }));

    it('behaviour: wallet address within 12 x the CPU of a bare node', () => {
      const runs = Array.from({ length: RUNS }, () => ({
        bare: cpuSeconds(['-e', '0']),
        address: cpuSeconds([BIN, 'wallet', 'address'], env),
      }));

      const ratio = median(runs.map((run) => run.address)) / median(runs.map((run) => run.bare));
      expect(ratio, `wallet address is ${ratio.toFixed(2)} x`).to.be.at.most(12);
    }).timeout(60_000);

    for (const words of ['--help', 'create --help', 'sign --help', 'address', 'list', 'use main']) {
      it(`behaviour: wallet ${words} loads no ethers and no keychain`, () => {
        const { status, stdout, stderr } = modulesOf(['wallet', ...words.split(' ')], env);

        expect(status, stderr.slice(-500)).to.equal(0);
        if (words === 'address') expect(stdout).to.equal(`${ADDRESS}\n`);
        expect(stderr)
          .to.include('run.js')
          .and.not.match(/node_modules\/(ethers|@noble|keytar|@napi-rs|inquirer)\//);
      });
    }

    it('behaviour: the same look finds ethers where a signature is checked', () => {
      const signature = `0x${'1'.repeat(130)}`;
      const { stderr } = modulesOf(
        ['wallet', 'verify', 'x', '--address', ADDRESS, '--signature', signature],
        env,
      );
      expect(stderr).to.match(/node_modules\/ethers\//);
    });
  });
});
