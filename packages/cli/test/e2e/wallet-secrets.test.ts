import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect } from 'chai';
import { BIN, jsonOf, runCli, temporaryDirectory } from '../support/run-cli.ts';

const PASSWORD = 'xylophone quarrel battery';
const WRONG_PASSWORD = 'marmalade trombone nobody';
const KEY = '0x4f3edf983ac636a65a842ce7c78d9aa706d3b113bce9c46f30d7d21715b23b1d';
const PHRASE = 'legal winner thank year wave sausage worth useful legal winner thank yellow';
/** A fragment of each is enough to be found. */
const SECRETS: readonly string[] = [
  PASSWORD,
  WRONG_PASSWORD,
  KEY.slice(2),
  KEY.slice(2).toUpperCase(),
  'sausage worth useful',
  Buffer.from(KEY.slice(2), 'hex').toString('base64').slice(0, 40),
];

/** What any process of this machine shows to the others of the same user: arguments and variables. */
async function readProcesses(): Promise<{ place: string; bytes: Buffer }[]> {
  const ids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name) && name !== String(process.pid));
  const files = ids.flatMap((id) => [`/proc/${id}/cmdline`, `/proc/${id}/environ`, `/proc/${id}/comm`]);
  return Promise.all(
    files.map(async (place) => ({ place, bytes: await readFile(place).catch(() => Buffer.alloc(0)) })),
  );
}

const MAX_DUMPS = 3;
const SIGUSR2 = 12n;

/** Whether Node has taken over the signal: before, it would end the process. */
async function catchesDumpSignal(pid: number | undefined): Promise<boolean> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  const caught = /^SigCgt:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? '0';
  return ((BigInt(`0x${caught}`) >> (SIGUSR2 - 1n)) & 1n) === 1n;
}

async function readTree(folder: string): Promise<{ place: string; bytes: Buffer }[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return Promise.all(paths.map(async (place) => ({ place, bytes: await readFile(place) })));
}

/** Where secrets were found: 'place: which'. */
const found = (shown: readonly { place: string; bytes: Buffer }[]): string[] =>
  shown.flatMap(({ place, bytes }) =>
    SECRETS.filter((secret) => bytes.includes(secret)).map((secret) => `${place}: ${secret.slice(0, 8)}…`),
  );

describe('secrets of wallets', function () {
  this.timeout(120_000);
  let place: Awaited<ReturnType<typeof temporaryDirectory>>;
  let home: string;
  let dumps: string;
  before(async () => {
    place = await temporaryDirectory();
    [home, dumps] = [join(place.path, 'home'), join(place.path, 'dumps')];
    await mkdir(home);
    await mkdir(dumps);
  });
  after(() => place.remove());

  /** A diagnostic report on each SIGUSR2, on a crash and on an uncaught error: environment, stack, heap figures. */
  const dumping = () => [
    '--report-on-signal',
    '--report-uncaught-exception',
    '--report-on-fatalerror',
    `--report-directory=${dumps}`,
  ];

  /**
   * Runs `rios wallet …` while all processes are looked at, and while it is made to dump itself; returns what was
   * looked at, and what it printed.
   */
  async function watch(args: readonly string[], input: string) {
    const child = spawn(process.execPath, [...dumping(), BIN, 'wallet', ...args], {
      env: { PATH: process.env.PATH ?? '', RIOS_HOME: home, RIOS_DEBUG: '1', NO_COLOR: '1' },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    const output = Promise.all([text(child.stdout), text(child.stderr)]);
    const seen: { place: string; bytes: Buffer }[] = [];
    let isOver = false;
    const ended = once(child, 'close').finally(() => {
      isOver = true;
    });
    let isSeen = false;
    let dumped = 0;
    const watching = (async () => {
      while (!isOver) {
        const shown = await readProcesses();
        isSeen ||= shown.some(
          ({ bytes, place: file }) => file.includes(`/${child.pid}/`) && bytes.includes('wallet'),
        );
        seen.push(...shown.filter(({ bytes }) => found([{ place: '', bytes }]).length > 0));
        if (dumped < MAX_DUMPS && (await catchesDumpSignal(child.pid))) {
          child.kill('SIGUSR2');
          dumped++;
        }
      }
    })();
    child.stdin.end(input);
    const [code] = (await ended) as [number | null];
    await watching;
    const [stdout, stderr] = await output;
    expect(isSeen, 'the command was among the processes that were looked at').to.equal(true);
    return { code, stdout, stderr, leaks: found(seen) };
  }

  it('behaviour: what is looked for would be found', async () => {
    const child = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 60000)', PASSWORD], {
      env: { LEAK: KEY },
      stdio: 'ignore',
    });
    await once(child, 'spawn');
    let leaks: string[] = [];
    while (leaks.length < 2) leaks = found(await readProcesses());
    child.kill('SIGKILL');
    expect(leaks.sort()).to.deep.equal([
      `/proc/${child.pid}/cmdline: ${PASSWORD.slice(0, 8)}…`,
      `/proc/${child.pid}/environ: ${KEY.slice(2, 10)}…`,
    ]);
  });

  for (const [what, args, input, exit] of [
    ['create', ['create', '--name', 'made', '--password-stdin'], `${PASSWORD}\n`, 0],
    [
      'import of a mnemonic',
      ['import', '--mnemonic', '--name', 'words', '--password-stdin'],
      `${PHRASE}\n${PASSWORD}\n`,
      0,
    ],
    [
      'import of a private key',
      ['import', '--private-key', '--name', 'key', '--password-stdin'],
      `${KEY}\n${PASSWORD}\n`,
      0,
    ],
    ['sign', ['sign', 'hello', '--wallet', 'key', '--password-stdin'], `${PASSWORD}\n`, 0],
    [
      'export as a keystore file',
      ['export', 'key', '--confirm', 'key', '--password-stdin'],
      `${PASSWORD}\n`,
      0,
    ],
    ['a wrong password', ['sign', 'hello', '--wallet', 'key', '--password-stdin'], `${WRONG_PASSWORD}\n`, 3],
    [
      'a mnemonic with a wrong checksum',
      ['import', '--mnemonic', '--name', 'x'],
      PHRASE.replace('yellow', 'winner'),
      2,
    ],
    ['a mnemonic with a typo', ['import', '--mnemonic', '--name', 'x'], PHRASE.replace('yellow', 'yelow'), 2],
    ['a private key that is too long', ['import', '--private-key', '--name', 'x'], `${KEY}00`, 2],
    ['a private key in place of words', ['import', '--mnemonic', '--name', 'x'], KEY, 2],
    ['words in place of a private key', ['import', '--private-key', '--name', 'x'], PHRASE, 2],
  ] as const) {
    it(`behaviour: ${what}: no argument, variable, output or dump has a secret`, async () => {
      const { code, stdout, stderr, leaks } = await watch(args, input);

      expect(code, stdout + stderr).to.equal(exit);
      expect(leaks).to.deep.equal([]);
      const printed = [
        { place: 'stdout', bytes: Buffer.from(stdout) },
        { place: 'stderr', bytes: Buffer.from(stderr) },
      ];
      expect(found(printed)).to.deep.equal([]);
      expect(found(await readTree(dumps))).to.deep.equal([]);
      expect(found(await readTree(home))).to.deep.equal([]);
    });
  }

  it('behaviour: dumps were made, and have the environment', async () => {
    const reports = await readTree(dumps);
    expect(reports.length).to.be.greaterThan(0);
    expect(reports.every(({ bytes }) => bytes.includes('"environmentVariables"'))).to.equal(true);
  });

  it('behaviour: a crash in the middle of signing shows no secret', async () => {
    // a bug of ours, planted: the signer throws what it was given, as careless code does
    const crash = `import { registerHooks } from 'node:module';
      registerHooks({ load(url, context, next) {
        const loaded = next(url, context);
        if (!url.endsWith('/wallet/signable.js')) return loaded;
        return { ...loaded, source: String(loaded.source) + '\\nprocess.nextTick(() => { throw new Error("planted") });' };
      } });`;
    const result = await runCli(['wallet', 'sign', 'hello', '--wallet', 'key', '--password-stdin'], {
      env: { RIOS_HOME: home, RIOS_DEBUG: '1' },
      input: `${PASSWORD}\n`,
      nodeArguments: [...dumping(), '--import', `data:text/javascript,${encodeURIComponent(crash)}`],
    });

    expect(result.code).not.to.equal(0);
    expect(result.stderr).to.include('planted');
    expect(found([{ place: 'output', bytes: Buffer.from(result.stdout + result.stderr) }])).to.deep.equal([]);
    expect(found(await readTree(dumps))).to.deep.equal([]);
  });

  it('behaviour: the file fallback keeps what it was given, and shows it only on export', async () => {
    await writeFile(join(place.path, 'password'), PASSWORD, { mode: 0o600 });
    const env = { RIOS_HOME: home, RIOS_WALLET_PASSWORD_FILE: join(place.path, 'password') };
    const exported = await runCli(
      ['wallet', 'export', 'key', '--confirm', 'key', '--format', 'private-key', '--json'],
      { env },
    );
    expect(jsonOf<{ secret: string }>(exported).secret).to.equal(KEY);
  });
});
